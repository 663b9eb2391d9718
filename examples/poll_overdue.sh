#!/bin/sh
# 轮询超期案件，只用 curl。有变化的页输出 JSON；没有变化的页服务答复 304，不传正文，什么也不输出。
# 用法：DISCLOSURE_URL=https://… DISCLOSURE_KEY=dk_… sh poll_overdue.sh [间隔秒数；不填只查一次]
set -eu
: "${DISCLOSURE_URL:?}" "${DISCLOSURE_KEY:?}"
state=${DISCLOSURE_STATE:-.poll_overdue}
mkdir -p "$state"
umask 077
printf 'header = "X-API-Key: %s"\n' "$DISCLOSURE_KEY" > "$state/key" # 密钥不进命令行，别的用户看不到
poll() {
  n=1 next=
  while [ "$next" != null ]; do # 网络故障、429、503 由 curl 退避重试，并遵守 Retry-After
    body=$(curl --silent --show-error --fail --config "$state/key" --retry 8 --retry-connrefused --get \
      --data kind="${DISCLOSURE_KIND:-statutory}" --data limit=500 ${next:+--data-urlencode cursor="$next"} \
      --etag-compare "$state/etag$n" --etag-save "$state/new" "$DISCLOSURE_URL/api/v1/cases/overdue")
    if [ -n "$body" ]; then
      printf '%s\n' "$body"
      next=${body##*\"next\":} next=${next%\}} next=${next#\"}
      printf '%s\n' "${next%\"}" > "$state/next$n"
      mv "$state/new" "$state/etag$n" # 输出以后才记下，中途失败的下次重来
    fi
    read -r next < "$state/next$n"
    n=$((n + 1))
  done
}
poll
while [ $# -gt 0 ]; do sleep "$1"; poll; done

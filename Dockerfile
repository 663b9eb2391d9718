FROM python:3.11-slim-bookworm AS packages
ENV PIP_NO_CACHE_DIR=1 PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_ROOT_USER_ACTION=ignore
WORKDIR /build
COPY requirements/runtime.txt .
# Compiled here, so that the container writes nothing beside its code when it runs.
RUN python -m venv /opt/disclosure \
 && /opt/disclosure/bin/python -m pip install --require-hashes -r runtime.txt \
 && /opt/disclosure/bin/python -m pip uninstall --yes pip setuptools \
 && python -m compileall -q /opt/disclosure/lib

FROM python:3.11-slim-bookworm
ENV PATH=/opt/disclosure/bin:$PATH \
    PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1 \
    PYTHONFAULTHANDLER=1 \
    DISCLOSURE_DATA_DIR=/var/lib/disclosure
# The PDF of a document needs Chinese fonts; the second package has the rare characters of names.
RUN apt-get update \
 && apt-get install -y --no-install-recommends fonts-noto-cjk fonts-hanazono \
 && rm -rf /var/lib/apt/lists/*
# A number, so that an orchestrator can see that it is not root; the directory is the only place it may write to.
RUN useradd --uid 10001 --no-create-home --home-dir /var/lib/disclosure --shell /usr/sbin/nologin disclosure \
 && install --directory --owner=disclosure --group=disclosure --mode=0700 /var/lib/disclosure
COPY --from=packages /opt/disclosure /opt/disclosure
WORKDIR /srv/disclosure
COPY alembic.ini ./
COPY migrations migrations
COPY app app
COPY docs docs
RUN python -m compileall -q app migrations
USER 10001
VOLUME /var/lib/disclosure
EXPOSE 8000
# The image has no curl; the interpreter asks. It is not told through a proxy, whatever the environment names.
HEALTHCHECK --interval=15s --timeout=5s --start-period=20s --retries=3 \
  CMD ["python", "-c", "from urllib.request import ProxyHandler, build_opener; build_opener(ProxyHandler({})).open('http://127.0.0.1:8000/readyz', timeout=4)"]
# SIGTERM reaches Python itself: no shell stands between.
ENTRYPOINT ["python", "-m", "app"]
CMD ["serve", "--host", "0.0.0.0", "--port", "8000"]

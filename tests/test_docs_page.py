"""The documentation page as it goes over the wire; `browser/test_docs_page.py` looks at it."""

import gzip
import re
from urllib.parse import urlsplit

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient

from app.docs_page import mount_docs
from app.errors import all_errors


def client(root_path: str = "") -> TestClient:
    app = FastAPI(docs_url=None, redoc_url=None, swagger_ui_oauth2_redirect_url=None)
    mount_docs(
        app,
        openapi_url="/openapi.json",
        title='"公开" <文档>',
        oauth_client_id="swagger",
        oauth_origins=["https://id.example.gov.cn"],
    )
    return TestClient(app, root_path=root_path)


def addresses(html: str) -> list[str]:
    return re.findall(r'(?:src|href)="([^"]+)"', html)


@pytest.mark.parametrize("path", ["/docs", "/docs/oauth2-redirect", "/docs/problems"])
def test_a_page_runs_nothing_that_is_not_a_file_of_ours(path: str) -> None:
    answer = client().get(path)
    policy = answer.headers["content-security-policy"]
    assert "default-src 'none'; script-src 'self'; style-src 'self'" in policy
    assert "unsafe" not in policy
    assert re.findall(r"<script(?! src=)|<style|\son\w+=", answer.text) == []


def test_the_title_is_text_and_not_markup() -> None:
    assert "<title>&quot;公开&quot; &lt;文档&gt;</title>" in client().get("/docs").text


def test_only_the_named_sign_in_site_may_be_called_from_the_page() -> None:
    assert "connect-src 'self' https://id.example.gov.cn;" in client().get("/docs").headers["content-security-policy"]


def test_every_file_of_a_page_is_kept_for_ever_and_found_again() -> None:
    service = client()
    files = {path for page in ("/docs", "/docs/oauth2-redirect") for path in addresses(service.get(page).text)}
    assert len(files) == 7
    for path in files:
        answer = service.get(path)
        assert answer.status_code == 200, path
        assert "immutable" in answer.headers["cache-control"]
    assert service.get("/docs/assets/0000000000000000/page.js").status_code == 404


def test_a_page_behind_a_path_of_the_proxy_names_its_files_there() -> None:
    paths = addresses(client("/disclosure").get("/docs").text)
    assert paths
    assert [path for path in paths if not urlsplit(path).path.startswith("/disclosure/docs/assets/")] == []


def test_every_error_code_is_explained_where_its_type_points() -> None:
    html = client().get("/docs/problems").text
    for error in all_errors():
        assert f'id="{error.code}"' in html
        assert error.title in html
    assert "$" not in html


def test_the_large_script_travels_compressed_to_whoever_takes_it() -> None:
    service = client()
    path = next(path for path in addresses(service.get("/docs").text) if path.endswith("swagger-ui-bundle.js"))
    plain = service.get(path, headers={"Accept-Encoding": "identity"})
    with service.stream("GET", path, headers={"Accept-Encoding": "gzip"}) as answer:
        sent = b"".join(answer.iter_raw())
    assert "content-encoding" not in plain.headers
    assert gzip.decompress(sent) == plain.content
    assert len(sent) * 3 < len(plain.content)

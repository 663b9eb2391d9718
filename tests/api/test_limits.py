"""The limits and open questions, for whoever asks."""

from tests.town import Town


def test_every_limit_says_its_article_and_whether_it_was_read_in_the_law(place: Town) -> None:
    found = place.client.get("/api/v1/clock/limits").json()
    limits = {limit["code"]: limit for limit in found["items"]}
    assert (limits["reply"]["length"], limits["reply"]["unit_label"], limits["reply"]["article"]) == (
        *(20, "个工作日", "条例第33条第2款"),
    )
    assert limits["reply"]["verified"]
    assert not limits["other_agency"]["verified"]
    assert limits["reply"]["effective_from"] == "2019-05-15"
    assert {asked["setting"] for asked in found["open_questions"]} >= {"receipt_on_rest_day", "pause_reading"}

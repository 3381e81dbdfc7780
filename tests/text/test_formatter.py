"""Words become lines that read well in every script."""

from __future__ import annotations

from stream_server.text.formatter import join, tidy


def test_words_are_joined_by_spaces() -> None:
    """Empty words leave no trace."""
    assert join(["Good", "", "morning,", "all."]) == "Good morning, all."


def test_scripts_without_spaces_get_none() -> None:
    """Chinese, Japanese and Thai are joined as they are written; Latin words among them too."""
    assert join(["今天", "天气", "很好。"]) == "今天天气很好。"
    assert join(["カメラ", "を", "見る"]) == "カメラを見る"
    assert join(["สวัสดี", "ครับ"]) == "สวัสดีครับ"
    assert join(["Привет,", "мир"]) == "Привет, мир"


def test_control_characters_go() -> None:
    """What cannot be read is not shown."""
    assert tidy([" a\x00b ", "\u200bc"]) == ("ab", "c")


def test_joiners_stay() -> None:
    """Persian and the languages of India are spelled with them."""
    assert tidy(["می\u200cخواهم", "\u202eabc"]) == ("می\u200cخواهم", "abc")

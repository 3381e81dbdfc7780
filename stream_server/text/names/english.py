"""Names as English writes them: nations, languages, places and given names."""

from __future__ import annotations

from stream_server.text.names.spelled import spelled

_NATIONS = """
    English, British, Scottish, Welsh, Irish, American, Canadian, Australian, Indonesian, Javanese, Malay, Malaysian,
    Chinese, Japanese, Korean, Vietnamese, Thai, Filipino, Indian, Hindi, Tamil, Arabic, Arab, Persian, Hebrew, Israeli,
    Russian, Ukrainian, German, French, Spanish, Italian, Portuguese, Dutch, Swedish, Norwegian, Danish, Finnish, Greek,
    Swiss, Austrian, Belgian, Brazilian, Mexican, African, Asian, European, Mandarin, Cantonese, Latin, Turkish,
    Singaporean, Egyptian, Kenyan, Nigerian
"""

_PLACES = """
    England, Scotland, Wales, Ireland, Britain, Great Britain, United Kingdom, United States, America, North America,
    South America, Canada, Mexico, Brazil, Colombia, Germany, France, Spain, Italy, Switzerland, Austria, Belgium,
    Netherlands, Sweden, Norway, Denmark, Finland, Poland, Greece, Russia, Ukraine, Japan, Korea, South Korea,
    North Korea, Singapore, Philippines, Cambodia, New Zealand, South Africa, Egypt, Morocco, Saudi Arabia, Europe,
    Asia, Southeast Asia, Africa, Middle East, West Java, East Java, Central Java, Vienna, Rome, Moscow, Cairo,
    Geneva, Zurich, Brussels, Lisbon, Athens, Warsaw, Prague, Copenhagen, Wall Street
"""

_PEOPLE = """
    John, Mary, James, William, Elizabeth, George, Richard, Charles, Joseph, Edward, Henry, Andrew, Matthew, Paul,
    Stephen, Timothy, Christopher, Nicholas, Anthony, Patrick, Samuel, Alexander, Benjamin, Oliver, Emily, Emma, Olivia,
    Sophia, Charlotte, Amelia, Alice, Julia, Laura, Karen, Susan, Barbara, Patricia, Jennifer, Margaret, Catherine,
    Helen, Lisa, Nancy, Rebecca, Hannah, Lucy, Ella, Eva, Nina, Brian, Jason, Jeff, Gary, Larry, Scott, Eric, Ryan,
    Jacob, Smith, Johnson, Williams, Davis, Wilson, Anderson, Taylor, Thompson, Harris, Lewis, Robinson
"""

_FEASTS = "Christmas, Easter, Thanksgiving, Halloween, Hanukkah, Diwali, New Year's Eve"

NAMES = spelled(f"{_NATIONS},{_PLACES},{_PEOPLE},{_FEASTS}")

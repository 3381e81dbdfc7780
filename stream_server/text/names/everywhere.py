"""Names that English and Indonesian write alike."""

from __future__ import annotations

from stream_server.text.names.spelled import spelled

_PLACES = """
    Jakarta, Bandung, Surabaya, Semarang, Yogyakarta, Denpasar, Makassar, Manado, Palembang, Pekanbaru, Pontianak,
    Balikpapan, Samarinda, Banjarmasin, Bogor, Bekasi, Depok, Tangerang, Cirebon, Banda Aceh, Batam, Jayapura, Kupang,
    Ambon, Ternate, Mataram, Bali, Lombok, Sumatra, Sulawesi, Kalimantan, Papua, Aceh, Java, Borneo,
    Indonesia, Malaysia, Brunei, Thailand, Vietnam, Laos, Myanmar, Timor Leste, China, Taiwan, India, Pakistan,
    Bangladesh, Sri Lanka, Nepal, Australia, Iran, Israel, Qatar, Dubai, Abu Dhabi, Ukraina, Portugal, Hong Kong,
    Kuala Lumpur, Bangkok, Manila, Hanoi, Tokyo, Osaka, Kyoto, Seoul, Beijing, Shanghai, Shenzhen, Mumbai, Delhi,
    Sydney, Melbourne, London, Manchester, Edinburgh, Dublin, Paris, Berlin, Munich, Hamburg, Frankfurt, Amsterdam,
    Rotterdam, Madrid, Barcelona, Milan, Stockholm, Oslo, Helsinki, Istanbul, Nairobi, New York, Los Angeles,
    San Francisco, Seattle, Boston, Chicago, Houston, Texas, California, Washington, Toronto, Vancouver,
    Silicon Valley, Afghanistan, Kazakhstan, Ghana, Kenya, Nigeria, Peru, Venezuela, Argentina, Ohio, Florida
"""

_PEOPLE = """
    Anna, Ben, Callum, Maria, Daniel, David, Michael, Peter, Thomas, Sarah, Kevin, Rudi, Anton, Erik, Simon, Adam,
    Robert, Rachel, Jessica, Natalia, Diana, Linda, Monica, Steven, Jonathan, Andreas, Martin, Stefan, Yusuf, Muhammad,
    Ahmad, Ali, Hasan, Omar, Fatima, Aisha
"""

_THINGS = """
    Google, Microsoft, Amazon, Netflix, Facebook, Instagram, WhatsApp, YouTube, LinkedIn, TikTok, Gmail, Android,
    iPhone, Linux, Python, JavaScript, Docker, Kubernetes, GitHub, PostgreSQL, Redis, Wikipedia, Bluetooth, Gojek,
    Tokopedia, Shopee, Pertamina, Telkomsel, Bitcoin, Islam, Ramadan
"""

NAMES = spelled(f"{_PLACES},{_PEOPLE},{_THINGS}")

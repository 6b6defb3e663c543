"""Countries by name: a spec that names one prefers signals that can be used there, and is not led to its neighbours."""

from __future__ import annotations

COUNTRIES = {
    "US": "us usa america states", "GB": "uk britain england scotland wales", "CA": "canada", "AU": "australia",
    "NZ": "zealand", "IE": "ireland", "DE": "germany", "FR": "france", "ES": "spain", "IT": "italy", "PT": "portugal",
    "NL": "netherlands holland", "BE": "belgium", "LU": "luxembourg", "CH": "switzerland", "AT": "austria",
    "SE": "sweden", "NO": "norway", "DK": "denmark", "FI": "finland", "IS": "iceland", "PL": "poland",
    "CZ": "czechia czech", "SK": "slovakia", "HU": "hungary", "RO": "romania", "BG": "bulgaria", "GR": "greece",
    "HR": "croatia", "RS": "serbia", "SI": "slovenia", "EE": "estonia", "LV": "latvia", "LT": "lithuania",
    "UA": "ukraine", "TR": "turkey", "IL": "israel", "AE": "emirates uae", "SA": "saudi", "EG": "egypt",
    "ZA": "africa", "NG": "nigeria", "KE": "kenya", "IN": "india", "PK": "pakistan", "BD": "bangladesh",
    "CN": "china", "HK": "hongkong", "TW": "taiwan", "JP": "japan", "KR": "korea", "SG": "singapore",
    "MY": "malaysia", "TH": "thailand", "VN": "vietnam", "ID": "indonesia", "PH": "philippines", "BR": "brazil",
    "MX": "mexico", "AR": "argentina", "CL": "chile", "CO": "colombia", "PE": "peru",
}  # fmt: skip
_BY_NAME = {name: code for code, names in COUNTRIES.items() for name in names.split()}
_REGION_NAMES = """alabama alaska arizona arkansas california colorado connecticut delaware florida georgia hawaii idaho
    illinois indiana iowa kansas kentucky louisiana maine maryland massachusetts michigan minnesota mississippi missouri
    montana nebraska nevada ohio oklahoma oregon pennsylvania tennessee texas utah vermont virginia washington wisconsin
    wyoming chicago boston seattle atlanta denver dallas houston miami london paris berlin madrid rome tokyo sydney
    toronto ontario quebec bavaria catalonia"""
_REGIONS = frozenset(_REGION_NAMES.split())


def country(word: str) -> str | None:
    """Return the ISO code of a country by a word of its name."""
    return _BY_NAME.get(word)


def is_place(word: str) -> bool:
    """Return whether a word names a country, an American state or a big city: then only this one is meant."""
    return word in _BY_NAME or word in _REGIONS

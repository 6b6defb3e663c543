import pytest

from service.redis_url import RedisUrl, read


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("redis://cache", RedisUrl((("cache", 6379),))),
        ("redis://cache:7000/3", RedisUrl((("cache", 7000),), database=3)),
        ("redis://:p%40ss@10.0.0.1", RedisUrl((("10.0.0.1", 6379),), password="p@ss")),
        ("redis://:a%2Fb%3Fc%23d%25@cache", RedisUrl((("cache", 6379),), password="a/b?c#d%")),
        ("redis://me:word@[::1]:1", RedisUrl((("::1", 1),), username="me", password="word")),
        ("rediss://me:word@cache.example", RedisUrl((("cache.example", 6379),), 0, "me", "word", tls=True)),
        ("redis+sentinel://a,b:1,[::1]/main", RedisUrl((("a", 26379), ("b", 1), ("::1", 26379)), service="main")),
        ("redis+sentinel://:word@a:1/main/2", RedisUrl((("a", 1),), 2, password="word", service="main")),
    ],
)
def test_a_url_names_a_server_or_the_sentinels_that_know_it(text, meant):
    assert read(text) == meant


@pytest.mark.parametrize(
    "text",
    [
        "cache:6379",
        "http://cache",
        "redis://",
        "redis://a,b",
        "redis://cache/first",
        "redis://cache:0",
        "redis://cache:65536",
        "redis://cache?socket_timeout=9",
        "redis://cache#0",
        "redis://ca che",
        "redis://[::1",
        "redis+sentinel://a,b",
        "redis+sentinel://a,,b/main",
        "redis+sentinel://a/main/first",
        "unix:///run/redis.sock",
        "redis://:a/b@cache",
    ],
)
def test_anything_else_is_refused_with_what_is_allowed(text):
    with pytest.raises(ValueError, match="redis://"):
        read(text)

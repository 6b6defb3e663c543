"""Fifty specs that mean nothing, of many kinds, and unusual ones that do mean something."""

NONSENSE = """asdf asdfasdf qwertyuiop zxcvbnm hjkl;lkjh xkcdqzv blorptang frindlewock snarglefump vrxxlplk qqqqqq
    zzzzzz aaaaaaa xyzzyx jjjj kwyjibo1 flibbertyzonk grumplestorf wibblywoz splonkydoo mxyzptlk brzszcz trlfgrmp
    ghghghgh dfkjhgdkfjg 1234567890 000000 999999999 3.14159265 42424242 0x7f3a9c !!!! ????? ;;;; ((())) --- ===
    @@@ ~~~~ '''"""
MORE = [
    "lorem qzxw ipsumqq",
    "zxqv wvut pqrs",
    "blargh fnord qux",
    "foo1 bar2 baz3qq",
    "hgjfkd slrueity",
    "qpwoei ruty",
    "vbnmvbnm tyuityui",
    "\u25b2\u25bc\u25c6",
    "\U0001f600\U0001f600\U0001f600",
    "\u0416\u0449\u044a\u044b\u044d",
]
NONSENSE_SPECS = [*NONSENSE.split(), *MORE]

SENSE = """oenophiles, skiing holydays, vehicle acquirers, knitters, quilters, pickleball, sourdough bakers,
    coffee snobs, night shift nurses, truckers, marathon runners, sommeliers, anglers, equestrians, audiobook listeners,
    pet insurance, student loans, tax preparation, orthodontics, cataract surgery, divorce lawyers, solar panels,
    heat pumps, swimming pools, lawn mowers, minimalists, gardning, insurence quotes, smarthome, headhpones"""
SENSE_SPECS = [spec.strip() for spec in SENSE.split(",")]

"""SQL injection by quotes and constants: what ends a value early and makes the rest of the query true."""

from __future__ import annotations

from service.stages.suspicion_rules.rule import Rule

_BOOLEAN = r"(?:x?or|and|having|where|when|&&|\|\|)"
# A word that goes on with a name ("1=1 scale models"), where a query would go on with a word of its own.
_PLAIN_WORD = (
    r" (?!(?:x?or|and|as|asc|begin|benchmark|between|binary|case|collate|declare|delete|desc|div|drop|else|end|except"
    r"|exec|execute|exists|false|for|from|go|group|having|if|in|insert|intersect|into|is|like|limit|minus|mod|not|null"
    r"|offset|order|procedure|regexp|returning|rlike|select|sleep|sounds|then|true|union|update|using|values|waitfor"
    r"|when|where)(?![a-z]))[a-z]{3}"
)
# A plural's owner or a dropped letter, and a dash between blanks: "ladies' -- winter boots", "Dunkin' -- students".
_OWNERS_DASH = r"(?:(?<=s')|(?<=kin')) -- [a-z]{4}"

RULES = (
    Rule(
        "sqli",
        "always-true",
        rf"(?:^|[^a-z]){_BOOLEAN}[ (+!]{{0,8}}(?:[0-9.]{{1,12}}"
        rf"|(?P<quote>[\"'`])[a-z0-9_. -]{{0,20}}(?P=quote)|[a-z]|-[0-9])"
        r"[ )]{0,4}(?:=|[<>]=?|!=|<>|in ?\(|like [\"'0-9]|is (?:not )?null) ?[(\"'-]{0,3}(?:[0-9]|[a-z]\b|[\"'(]|$)"
        rf"|(?:^|[^a-z]){_BOOLEAN}[ (]{{1,4}}(?P<word>[a-z0-9_.]{{1,20}}) ?= ?(?P=word)(?![a-z0-9])"
        rf"|[0-9'\")] ?{_BOOLEAN} ?\(?(?:true|false|null)\)? ?(?:$|{_BOOLEAN}\b|--|#)"
        rf"|^(?:not )?['\"(]{{0,3}}(?P<same>[a-z0-9_]{{1,20}})"
        rf"['\") ]{{0,3}}=['\"( ]{{0,3}}(?P=same)(?![a-z0-9]|{_PLAIN_WORD})"
        r"|^-?[0-9.]{1,9} (?:div|mod|xor|rlike|regexp) ?[-0-9(@]"
        r"|not [0-9]{1,9} ?=|[0-9'\")]\|\|[0-9'\"(@]|\{[a-z`]{1,5} ?['`]|-\(-?[0-9]|(?:^|[^0-9s])'(?: ?x?or"
        r"| ?and) ?[0-9.]{1,9}$"
        r"|^-?[0-9.]{1,9} ?(?:!=|<>|[<>]=?|not like|not between|is not) ?-?[0-9.]{1,9}$",
        "A condition made of constants, to make the query true or false.",
        stops="23 or 1=1",
        passes="1=1 scale models; where to eat or drink 1=1 fun?, true or false",
    ),
    Rule(
        "sqli",
        "always-true-text",
        rf"(?:^|[^a-z]){_BOOLEAN} ?[(]{{0,3}} ?(?P<mark>[\"'])[^\"']{{0,20}}(?P=mark)[ )]{{0,4}}"
        r"(?:[<>!]?=|<>|(?:not )?(?:r?like|regexp|between|in|is)\b|sounds like)|(?:^|[^a-z])xor ?[0-9]{1,12} ?[-<>=/*]"
        r"|^[\"']? ?(?:or|and) -?[0-9]{1,12} ?[-<>=/*+]"
        r"|\) ?(?:and|x?or) ?\(?[0-9]{1,6}\)? ?[=<>]|(?:^|[^a-z])(?:and|or) ?\( ?[0-9]\) ?=",
        "The same with texts or in brackets.",
        stops="' and 'one'='one",
        passes="(size 8) or 10, 'boots' or 'shoes'",
    ),
    Rule(
        "sqli",
        "quote-and-condition",
        r"^[^'\"]{0,60}[\"'`][ )]{0,8}(?:x?or|and|&&|\|\||having)[ (!+~-]{0,6}"
        r"(?:[\"'`@\\]|[0-9.]{1,9} ?(?:[=<>#&|(]|--|is |r?like )|true\b|false\b|null\b|not\b|select\b|if\(|exists\b"
        r"|[a-z_.]{1,30}(?: ?!?[=<>]|\("
        r"| is (?:not )?null| (?:not )?(?:r?like|regexp|between|in) ?[(\"'%0-9]))",
        "A quote that ends the value, followed at once by a condition.",
        stops="a' and 'b",
        passes='"Dr. Who" and coffee',
    ),
    Rule(
        "sqli",
        "quote-and-comparison",
        r"^[^'\"]{0,60}[\"'`][ )]{0,8}(?:(?:not )?(?:r?like|regexp|between|in)|is|div|mod|sounds like"
        r"|collate)(?: ?[(+!~-]{1,4}[0-9('\"@]| [\"'@\\0-9]|[`@]"
        r"| (?:not )?(?:null|true|false)\b| not[?\\]| ?[a-z_]{2,20}\()",
        "A quote that ends the value, followed by an operator that only a query has.",
        stops="aa' sounds like+'1",
        passes="I' is not a plastic bag",
    ),
    Rule(
        "sqli",
        "quote-and-sum",
        r"^[^'\"]{0,60}(?:^|[^0-9])(?:'[ )]{0,4}[-+*/^|&%<>=!~]{1,3}|\"[ )]{0,4}(?:[=^*%]|\|\||\+(?=if"
        r"|\())) ?[+(-]{0,3}(?:[@({]|\\n|(?:null|true|false)\b|[0-9.]{1,12} ?(?:[=^*|<>'\"+/-]|$|#|and\b|or\b|like\b"
        r"|is\b)"
        r"|[a-z_]{1,20} (?:is|like|between|rlike|regexp) "
        r"|current_|select\b|if\(|[a-z_]{1,20}\()|^[^'\"]{0,30}'[ )]{0,4}(?:[*^|%=!~]|&&|\+@|-@"
        r"|/@) ?[a-z0-9@#_. (\\<>=+-]{1,30}(?:['\"]|--|\()"
        r"|^[^'\"]{0,12}[\"'] ?(?:[=*+^|&/%<>!~:-]{1,3}|(?:not )?(?:r?like|regexp|in|is)|x?or|and|div|mod|between"
        r"|sounds like) ?[\"'] ?[a-z0-9]?$",
        "A quote that ends the value, followed by a sum: the database shows that it computes it.",
        stops="aa'&+1='aa",
        passes="1/4\"-1/2\" wide ribbon, ladies' & men's shoes",
    ),
    Rule(
        "sqli",
        "quote-and-comment",
        r"(?:^|[^ ])[\"'´][ )]{0,6};?(?:--|#|/\*)[ +!-]{0,3}[a-z]{0,6}$"
        rf"|^[^'\"]{{0,40}}[\"'](?!{_OWNERS_DASH})[ )]{{0,4}};? ?--"
        r"|\\['\"](?:$| ?(?:or|and|union|--|#|;))|^-?[0-9]{1,6}'\"$"
        r"|[a-z0-9)]/\*.{0,30}?\*/[a-z0-9(]|\) ?--$|\) ?#$|[0-9'\")]/\*$|/\*!"
        r"|^[^a-z]{0,3}[0-9]{1,3}[\"')]{1,3} ?(?:--|#|/\*)|['\"], ?null|^[^/?&]{0,200}=[0-9a-z]{1,6}[\"']? ?#"
        r"|=[0-9a-z]{1,6}[\"']? ?(?:--"
        r"|/\*)",
        "A quote or bracket with a comment after it, which cuts off the rest of the query.",
        stops="admin') --",
        passes="Dunkin' -- students; 100% cotton -- organic",
    ),
    Rule(
        "sqli",
        "bracketed-constants",
        r"^ ?\([ (]{1,6}(?:[0-9@]|'[a-z0-9]{1,3}') ?(?:[*+/)-]|or|and|in)|^ ?\([0-9]\)(?:or|and)|[0-9] ?(?:\|\|"
        r"|&&) ?[a-z_]{1,20}\("
        r"|[0-9](?:rlike|xor|or) ?[-(0-9][a-z0-9]|(?:^|[^a-z])[a-z0-9]{1,8}+\)"
        r"(?: (?:and|or) \(?(?:[0-9']{1,8}|[a-z]{1,2})|(?<=[0-9]\)) (?:and|or) \(?[a-z0-9']{1,8})\)? ?[=<>]",
        "Constants and brackets put together as a program would write them.",
        stops="( ('a' or 'b') ) --",
        passes="(rustic or organic) everyday necklace; (kids) or pets = yes",
    ),
)

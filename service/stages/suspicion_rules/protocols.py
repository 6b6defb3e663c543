"""Code injection into what stands behind a service: addresses inside the network, object stores, directories, mail."""

from __future__ import annotations

from service.stages.suspicion_rules.rule import Rule

RULES = (
    Rule(
        "code-injection",
        "dangerous-scheme",
        r"(?<![a-z0-9.+_-])(?!.?https?:|s3:|gs:|market:|itms|app|android|ios|spotify)[a-z][a-z0-9.+_-]{1,20}://"
        r"|data:text/plain|netdoc:/|(?:view-source|jar|feed):http",
        "An address that reads files or talks to other services than the web.",
        stops="gopher://10.0.0.1",
        passes="https://example.com/readers",
    ),
    Rule(
        "code-injection",
        "inner-address",
        r"https?:/{0,2}(?:[a-z0-9.:-]{1,20}@)?(?:\[|0x[0-9a-f]|[0-9]{8,12}(?![0-9])"
        r"|[0-9]{1,5}(?:\.[0-9]{1,8}){0,3}(?:[/:]|$)|127\.|10\.[0-9]"
        r"|169\.254|192\.(?:168|0\.0)\.|172\.(?:1[6-9]|2[0-9]|3[01])\.|100\.100\.|0[0-7]{2,12}|0\.0|localhost"
        r"|metadata\.|instance-data|\\)|https?:[a-z0-9/.]{0,20}\\",
        "An address inside the network, or one written so that nobody sees where it leads.",
        stops="http://169.254.169.254/",
        passes="http://example.com readers",
    ),
    Rule(
        "code-injection",
        "inner-name",
        r"(?:^|[^a-z0-9])(?:kubernetes|host|gateway)\.docker\.internal|ip6-l(?:oopback|ocalhost)|metadata\.google"
        r"|latest/(?:meta|user)-data|(?:nip|sslip|xip)\.io|localtest\.me"
        r"|localhost[:/]|^localhost|instance-data/|rancher-metadata|kubernetes\.default|burpcollaborator"
        r"|oast\.[a-z]{2,4}|interact\.sh|webhook\.site",
        "A name that leads into the network of a cloud, or back to the attacker's listener.",
        stops="kubernetes.docker.internal/",
        passes="kubernetes and docker developers",
    ),
    Rule(
        "code-injection",
        "store-operator",
        r"[\[{(,\"' ][$&](?:gte?|lte?|ne|n?in|eq|exists|regex|where|or|and|not|comment|size|type|expr)[\"'\]]? ?[\]:]"
        r"|\$where|\} ?\] ?, ?\$",
        "An operator of a document store.",
        stops='{"$gt": ""}',
        passes="household income $250000 or more",
    ),
    Rule(
        "code-injection",
        "directory-filter",
        r"\* ?\){1,4} ?\(|\) ?\( ?[|&!]|\(\|\(|\*\(\)|\*\)\)|[a-z]{3,20}=\*\)|\(\|?(?:cn|uid|mail|objectclass"
        r"|userpassword)="
        r"|(?:name|position|last|text|count)\(\)|\)\(&|\*\([|&]|\([|&!] ?\(|\|\(?[a-z]{2,20}[~<>]?="
        r"|\)\([a-z]{2,20}[~<>]?=|[a-z]{2,20}[~<>]?=\*|[\]'\"] ?\| ?//|//[a-z*]{1,20}/?(?:text\(|\[|/?\*)"
        r"|(?:child|ancestor|descendant|parent|self|sibling)::",
        "Brackets that end one filter of a directory and begin another.",
        stops="admin*)((|userpassword=*)",
        passes="(new and unique)(handmade) (dickey dickie*)",
    ),
    Rule(
        "code-injection",
        "hidden-line-end",
        r"\n|[嘊嘍]{2}",
        "A line end, and with it a header or an order of a mail protocol; one that was not encoded never comes so far."
        " Or the letters of two bytes that careless servers cut down to a line end.",
        stops="x%0d%0aSet-Cookie: a=b",
        passes="mail from home businesses, data status copy",
    ),
)

"""Code injection into a server language: templates, PHP, Java, JavaScript and their kin."""

from __future__ import annotations

from service.stages.suspicion_rules.rule import Rule

RULES = (
    Rule(
        "code-injection",
        "template",
        r"\{\{[^{}]{0,80}(?:[(*\[|'\"+]|__|config|request|self|[0-9] ?-)|\$\{[^{}]{0,80}(?:[(*:'\"$\[+]|__|\.(?:class"
        r"|get|env)|[0-9])|\$\{\{|\{\$\{"
        r"|\{% ?[a-z]|%\}|<% ?[a-z=0-9]|#\{[^{}]{0,40}[(*0-9]|@\{ ?\[|\{\$[a-z]|\[\[[0-9$] ?[*{]|<#[a-z]|#set ?\("
        r"|%\{[#(]|\*\{[0-9t]|\{[a-z_]{3,20}\([\"']",
        "An expression of a template engine.",
        stops="{{7*7}}",
        passes="{{campaign.name}} and ${AUCTION_PRICE} macros",
    ),
    Rule(
        "code-injection",
        "language-internals",
        r"__[a-z]{3,20}__|get_user_file|(?:^|[^a-z0-9])\$[a-z_][a-z0-9_]{0,20}(?:[\[({@]| ?=[^=]| #[a-z]{1,9}| ?\[)"
        r"|constructor\.prototype|prototype\[|\$_[a-z]{3,8}",
        "The attributes and variables by which one reaches a language from a template.",
        stops="''.__class__.__mro__",
        passes="__init bold__ and $ave (big)",
    ),
    Rule(
        "code-injection",
        "php-tag",
        r"<\?(?: ?(?:php|=|xml ?:)|$)|\[/?php\]|o:[0-9]{1,3}:\"|a:[0-9]{1,3}:\{|'[a-z]{2,6}' ?\. ?'[a-z]{2,6}'"
        r"|^[a-z_]{2,20}(?:\.[a-z_]{3,40})? ?= ?(?:true|false|on|off)$"
        r"|^[a-z]{2,12}\.[a-z_]{3,40} ?= ?[0-9]|[\[(] ?[\"']?system ?[\"']?[\])]|\.(?:phtml|phar|phps"
        r"|php[3-8])(?![a-z0-9])|\$globals",
        "A tag, a serialised object or a setting of PHP.",
        stops="opcache.jit_max=50",
        passes="brand = true religion",
    ),
    Rule(
        "code-injection",
        "server-call",
        r"(?:^|[^a-z])(?:system|exec|passthru|popen|eval|include|require|assert"
        r"|serialize)(?:_once)? ?[\[(] ?[\"'$@\[\\/]|[a-z0-9]{2,20}_[a-z0-9_]{2,30}\("
        r"|[a-z0-9_]{3,30} ?\( ?\)(?!\w)|\) ?;$|[a-z](?:/\*.{0,20}?\*/|//[a-z]{0,5}\n|#[a-z]{0,5}\n) ?\(|\)\([\"'$]"
        r"|(?:^|[^a-z])(?:un)?serialize\(|(?:^|[^a-z])(?:php[a-z]{4,12}|fsockopen|f(?:open|write|puts|gets|read|putcsv)"
        r"|str(?:rev|len|tr|str|pos|cmp|val|tolower|toupper)|ctype|curl[a-z_]{1,12}|[gb]z[a-z]{4,12}|posix[a-z_]{1,12}"
        r"|preg[a-z_]{1,12}|hebrevc?|nl2br|checkdate|symlink|readlink|readfile|opendir|readdir|scandir|unlink|var_dump"
        r"|print_r|printf|sprintf|rmdir|mkdir|chmod|chown|chgrp|getenv|putenv|tempnam|fputcsv|ucwords|lcfirst"
        r"|addslashes"
        r"|urldecode|rawurldecode|shuffle|usort|uasort|uksort|arsort|natsort|extract|compact|gettype|settype"
        r"|isset|unset"
        r"|implode|explode|array|basename|dirname|realpath|highlight|phpcredits|passthru|popen|pclose)\([a-z\"'$)]",
        "A call of a function of PHP and its like.",
        stops="shell_exec('ls')",
        passes="system (home audio), exec (c-level), php (developers)",
    ),
    Rule(
        "code-injection",
        "java-class",
        r"(?:^|[^a-z0-9.])javax?\.[a-z]{2,12}\.[a-z]|(?:com|org|net|sun)\.(?:opensymphony|apache|springframework"
        r"|codehaus|mozilla|sun|hibernate|jboss|rowset)\.?[a-z]{0,9}"
        r"|processbuilder|getruntime|runtime\.exec|getclass\(|forname\(|classloader|ognl|\$\{ ?jndi|unmarshal|^ro0ab"
        r"|aced0005|base64data|xmldecoder|scriptengine"
        r"|(?:invoker|instantiate|clone|for|while|constant|chained|prototype|switch|transformed|lazy"
        r"|map)(?:transformer|closure|factory|clonefactory|serializationfactory)",
        "Classes by which Java starts programs.",
        stops="java.lang.runtime",
        passes="java.com visitors, process builders",
    ),
    Rule(
        "code-injection",
        "script-engine",
        r"(?:^|[^a-z])(?:process|require|global|root|module|exports) ?\[[\"'a-z]|module\.exports|child_process"
        r"|mainmodule|process\.(?:env|binding|exit|kill|spawn)|(?:^|[^a-z])fs\.(?:read|write)"
        r"|while\(|while \( ?!|function ?[a-z]{0,10}\([a-z,]{0,10}\) ?[{:]|new date ?[)(]|(?:^"
        r"|[^a-z])do ?\{[^{}]{0,60}[=;(]|(?:^"
        r"|[^a-z])(?:console|process|math|object|json|array|reflect"
        r"|os|subprocess|kernel|file|io|dir|open3|buffer)\.[a-z]{2,20}\(|require\([\"']|new function\b|%x[({]"
        r"|@[a-z_]{1,15}\([\"']",
        "Objects by which JavaScript or Ruby start programs.",
        stops="process['env']",
        passes="javascript and process engineers",
    ),
)

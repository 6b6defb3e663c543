"""SQL injection by SQL itself: queries, statements, functions and the names that only a database has."""

from __future__ import annotations

from service.stages.suspicion_rules.names import DATABASE_FUNCTIONS, ENGLISH_DATABASE_FUNCTIONS, any_of
from service.stages.suspicion_rules.rule import Rule

_FUNCTION = any_of(DATABASE_FUNCTIONS)
_FUNCTION_ALONE = any_of(" ".join(name for name in DATABASE_FUNCTIONS.split() if not name.isalpha()))
_ENGLISH_FUNCTION = any_of(ENGLISH_DATABASE_FUNCTIONS)
_VERB = (
    r"(?:select|insert|update|delete|drop|create|alter|truncate|exec(?:ute)?|declare|grant|revoke|merge|waitfor"
    r"|shutdown)"
)
_THING = r"(?:table|database|function|procedure|view|schema|user|login|trigger|index|role)"
# "cast(s)", and the hash of a name that audiences are matched by.
_HASHED = r"s\)|(?:(?<=md5\()|(?<=sha\()|(?<=sha[12]\())(?:e-?mail|phone|maid|idfa|gaid)s?\)"
_COMMENT = r"(?:--|#|/\*)"

RULES = (
    Rule(
        "sqli",
        "union-select",
        r"(?<![a-z])union[^a-z0-9]{1,20}(?:(?:all|distinct|distinctrow)[^a-z0-9]{1,20})?select(?![a-z])[^a-z]{0,12}"
        r"(?:[0-9'\"@*(`,\\]|null\b|(?:distinct )?[a-z0-9_.`]{1,40} ?[,(]"
        r"|[a-z0-9_.`]{1,40}(?: [a-z0-9_]{1,20})? from )",
        "A second query glued to the first, with columns as no sentence has them.",
        stops="-1 union all select 1,2 from admin",
        passes="credit union select members",
    ),
    Rule(
        "sqli",
        "union-after-value",
        r"^-?[0-9.]{1,9}[^a-z0-9]{1,30}(?:union|rlike)$"
        r"|(?:^-?[0-9.]{1,9}|[0-9'\")#\\-])[^a-z0-9]{1,30}(?:union|rlike|procedure)"
        r"(?:[ (#-]{1,9}(?:all )?select(?![a-z])|[ (#-]{1,4}[0-9'\"(#])",
        "A value that is over and a second query that begins.",
        stops="-1#union ##",
        passes="o' union selected a few friends",
    ),
    Rule(
        "sqli",
        "select-list",
        r"(?<![a-z])select[ (\[+-]{0,8}(?:(?:distinct|binary|top [0-9]{1,3}) ?)?[ (]{0,4}"
        r"(?:[*@0-9'\"`\\]|[a-z0-9_.]{1,40}\)? ?[(,]).{0,150}?(?<![a-z])(?:from|where|into|binary|limit|using|--"
        r"|\) ?--)(?![a-z])",
        "A whole query: a list with calls, numbers or stars, and where it comes from.",
        stops="select id, (2) from accounts",
        passes="select from the best hotels where pets are welcome",
    ),
    Rule(
        "sqli",
        "inner-select",
        r"\( ?select(?: (?:[*@0-9'\"(]|[a-z_0-9.]{1,30} ?(?:[(,]|from ))|[ (*]{1,3}(?:select|binary|[*@0-9'\"]|from)|-)"
        r"|select (?:@|[a-z_]{1,20}\()|select\*"
        r"|select ?(?!(?<=[\"'`]select)[\"'`](?:$|[ ,]))[\"'`]",
        "A query in brackets, whose answer takes the place of a value.",
        stops="1 or (select password from users) > 3",
        passes='hotels (select, comfort or premium), "select" shoes',
    ),
    Rule(
        "sqli",
        "known-table",
        r"(?<![a-z])from[ \"`\[(]{1,4}(?:information_schema|mysql\.|pg_|sys(?:\.|ibm|obj|col)|dual\b|all_"
        r"|[a-z]{1,20}_users"
        r"|(?:users?|admins?|members|customers|accounts)\b ?(?:where [a-z_]{1,20} ?[=<>]|limit [0-9]|--|[;)]))",
        "A table that every database has, or a query's end on one.",
        stops="1) from users where username=",
        passes="select customers from mysql user groups",
    ),
    Rule(
        "sqli",
        "function",
        rf"(?:^|[^a-z0-9_]){_FUNCTION}(?:\((?!{_HASHED})|[&|/*+]{{1,3}} ?\()"
        rf"|(?:^|[^a-z0-9_]){_ENGLISH_FUNCTION}\( ?(?:\("
        rf"|[0-9]{{1,20}}[,=]"
        r"|['\"@*$)]|select\b|[a-z_]{1,20}(?:\(|, ?[0-9'\"(])|-|__|$)|(?:pg_)?sleep ?\( ?(?:[0-9_.*]{1,20}\)|__|\("
        r"|[0-9]{1,9} ?[*,])"
        rf"|(?:^|[^a-z])binary ?(?:\(|@|'[^']{{0,3}}')|procedure analyse|(?:{_FUNCTION_ALONE}|benchmark|unhex"
        rf"|concat) \("
        r"|(?:openquery|openrowset) ?\(|convert\( ?(?:int|char|varchar|decimal|signed|unsigned|date|binary)"
        r"|exists ?\( ?select"
        r"|call [a-z]{1,10}[._][a-z_.]{1,30}\(|\bmatch ?[a-z(),_. ]{1,40} against ?\(",
        "A call of a function of a database, most of all those that wait or read.",
        stops="sleep(5)",
        passes="sleep (mattresses), if(ever), count (25+), MD5(email), cast(s)",
    ),
    Rule(
        "sqli",
        "delay",
        r"waitfor (?:delay|time) ?[\"'0-9(]|dbms_[a-z]{1,20}[.(]|utl_[a-z]{1,10}\.|(?:^|[^a-z])(?:and"
        r"|or) ?(?:pg_)?sleep\(",
        "An order to the database to wait or to call out, which tells an attacker that it listens.",
        stops="'; waitfor delay '0:0:5'",
        passes="waiting, delayed flights and sleep apps",
    ),
    Rule(
        "sqli",
        "definition",
        rf"(?:^|[^a-z])(?:drop|truncate) {_THING} (?:if exists )?[a-z0-9_\"`\[.-]{{1,40}} ?(?:$|;|{_COMMENT}|cascade)"
        rf"|(?:^|[^a-z])(?:create|alter) {_THING} [a-z0-9_\"`\[.-]{{1,40}} ?(?:\(|@|add |as |identified|modify"
        rf"|returns )"
        rf"|grant (?:all|select|execute) on|(?:^|[;'\")] ?)shutdown ?(?:;|{_COMMENT}|with|$)"
        rf"|alter [a-z]{{3,10}} [a-z0-9_]{{1,30}} .{{0,20}}character set|character set [a-z0-9]{{3,10}} ?(?:;|$)",
        "A statement that makes or takes away a table, a user or the server.",
        stops="; drop table users",
        passes="create table decorations for weddings",
    ),
    Rule(
        "sqli",
        "statement",
        rf"(?<=[0-9a-z)'\"];){_VERB}(?![a-z])|(?:--|/\*){_VERB}(?![a-z])|(?:^|[^a-z])(?:(?<=['\"];)(?:begin|set|if|call"
        rf"|use|waitfor)\b"
        r"|insert into [a-z0-9_.`\[]{1,40} ?(?:\(|values|select)"
        r"|delete from [a-z0-9_.`]{1,40} ?(?:where|;|--|$)"
        r"|update [a-z0-9_.`]{1,40} set [a-z0-9_.`]{1,40} ?=|declare @|set @[a-z#]|exec(?:ute)?[ (]{1,3}(?:master|xp_"
        r"|sp_|@|immediate)"
        r"|[xs]p_[a-z]{3,20}|into (?:out|dump)file|load data (?:local )?infile|bulk insert|begin (?:declare|try|end)"
        r"|case (?:[a-z0-9_'(]{1,10} )?when .{1,40}? then [0-9'\"(]|if not ?\(|if ?\(?[0-9]{1,6}=)",
        "A statement that changes, reads out or runs something, in its full grammar.",
        stops="1; insert into users values (1)",
        passes="drop shipping union members; insert coupons",
    ),
    Rule(
        "sqli",
        "database-name",
        r"information_schema|sysobjects|syscolumns|sys\.(?:all_|tables|databases|login|user)|sysibm|sysdummy"
        r"|master\.\.|mysql\.(?:user|db)"
        r"|pg_(?:catalog|user|shadow|database|class)|all_tab(?:les|_col)|v\$version|sqlite_master|(?:^"
        r"|[^a-z0-9@])@@(?![a-z_]{2,20}@@)[a-z#]"
        r"|0x[0-9a-f]{6}|(?:^|[^a-z0-9])(?:b|n|x|_utf8|_latin1)'[0-9a-f]{2,40}'|msysaccess|sql_longvarchar|tbcreator"
        r"|msdasql|sqloledb|autonomous_transaction|rownum ?[=<]|into @[a-z]|(?:inner|left|right|outer|cross"
        r"|natural) join [a-z_]{1,20} (?:on|using)|^0x[0-9a-f]{2,5}$|[=,(]0x[0-9a-f]{2}|::(?:bigint|int|double|text"
        r"|varchar|numeric|jsonb?)|\)::[a-z]|(?:->>?|<@|@>|#>>?) ?'[\[{$a-z0-9]|[0-9]\.e[0-9]{0,3}[( ,]"
        r"|collate[ `(]{0,2}utf8|^@[a-z]{2,12} (?:union|into|group)",
        "A table, type or variable that only a database has, or a text written as one long number.",
        stops="@@version",
        passes="schema.org information, a master list, @@CLICK@@",
    ),
    Rule(
        "sqli",
        "sorting",
        r"(?:^|[0-9'\")] ?)(?:order|group) by (?:[0-9]{1,3} ?(?:,|--|#|/\*|;|$)|sleep\b|\(|[a-z_]{1,20} having"
        r"|[0-9',]{3})"
        r"|order by [0-9]{1,3} ?(?:--|#|/\*)|having (?:[0-9'\"(]{1,6} ?[=<>]|\(true|[a-z]{1,8}=)|(?:^"
        r"|[^a-z])limit [0-9]{1,4}, ?[0-9]|(?:^|[^a-z])is (?:not )?null(?![a-z]| and void)"
        r"|(?:not |r)(?:like|between) ['\"%0-9(]"
        r"|<=>|\) ?when ?[(0-9]|[0-9'\")] ?(?:except|intersect|minus) (?:all |distinct )?select(?![a-z])|^union (?:all"
        r"|distinct) select(?![a-z])"
        r"|not in ?\(['\"0-9]|^(?:like|in) ?\(?'[^']{0,20}$|(?:^|union )null ?,|show (?:databases|grants"
        r"|processlist)(?![a-z])"
        r"|(?:^|[^a-z])(?:like|regexp|rlike|in) ?['\"][^a-z0-9]{0,3}$"
        r"|(?:null ?, ?){2}|\) for update|^['\"`)]{1,3} ?(?:order|group) by [a-z0-9]|^['\"`)]{1,3} ?limit [0-9]",
        "A column counted by its number, as nobody sorts a search.",
        stops="1' order by 14#",
        passes="can i order by 5 or having 2 kids, the lease is null and void",
    ),
)

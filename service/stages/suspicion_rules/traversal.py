"""Path traversal: steps up the tree in any spelling, and files of a server that nobody looks for in a catalogue."""

from __future__ import annotations

from service.stages.suspicion_rules.rule import Rule

RULES = (
    Rule(
        "path-traversal",
        "steps-up",
        r"(?:^|[^.a-z0-9])\.\.[;?]?[/\\]{1,4}[a-z0-9_{%]|\.\.[;?]?[/\\]{1,4}\.|(?:^|[/\\=])\.\.(?:[/\\]|$)"
        r"|[/\\]\.{2,80}[/\\]"
        r"|\.\.[;?]?[/\\]{1,4}\{",
        "Two dots and a slash, more than once or in front of a name.",
        stops="..\\..\\windows",
        passes="hats, scarves, etc.../accessories",
    ),
    Rule(
        "path-traversal",
        "filled-steps",
        r"(?:\.[/\\]{1,3}){3}|\.[/\\]{1,3}\.{2}[/\\]|\.{3,4}[/\\]{1,3}\.|\.{4}[/\\]|[/\\]\.[\\/]{1,2}\.?[\\/]?\."
        r"|[?.]{2}[/\\](?:[?.]{2}[/\\]|etc|boot|win)|\.\.(?:2f|5c)",
        "Steps with filler that a file system, or a filter that takes '../' away once, makes whole.",
        stops="....//....//etc",
        passes="wait for it... / surprise gifts",
    ),
    Rule(
        "path-traversal",
        "encoded-steps",
        r"(?:\.|%2e|%252e|0x2e){2}(?:%(?:u[0-9a-f]{4}|[0-9a-f]{2}|%)|0x[25][fc])|%(?:25){0,3}(?:2e|5c)%(?:25){0,3}2e"
        r"|%%3[25]%[36]|%25%5c|%u(?:ff0e|221[56]|efc8|f025)",
        "A dot or slash that was encoded, often twice; no form that a browser sends needs this.",
        stops="..%255c",
        passes="50%25 off shoes",
    ),
    Rule(
        "path-traversal",
        "overlong-utf8",
        r"%(?:25)?(?:c[01](?:%|\.|\?)|e0%(?:25)?8|f0%(?:25)?8|f8%(?:25)?8|fc%(?:25)?8)",
        "Bytes that are never valid UTF-8 (RFC 3629, section 3): a longer spelling of an ASCII character.",
        stops="%c0%ae%c0%ae/",
        passes="100%c cotton",
    ),
    Rule(
        "path-traversal",
        "null-byte",
        r"(?<![0-9])%(?:25){0,2}00(?![0-9])",
        "An encoded end of string, which cuts off the ending that a program adds to a file name.",
        stops="passwd%00",
        passes="100%00 wool",
    ),
    Rule(
        "path-traversal",
        "unix-file",
        r"(?:^|[^a-z0-9])/(?:etc|proc|sys|boot|root|dev|var/(?:adm|cache|lib|lo|log|mail|run|spool|tmp|w)[a-z]{0,5}"
        r"|usr/(?:s?bin|lib|local|share|etc|home)|s?bin|opt/[a-z0-9]{1,20}|home/[a-z0-9.\\*]{1,20}|tmp|private|mnt|srv)"
        r"[/\\]{1,3}[a-z0-9.*\[?$_{-]|^/?etc/[a-z]{1,12}(?:/|$)|etc.{1,12}(?:passwd|shadow)(?![a-z])",
        "A file in one of the folders of a Unix server.",
        stops="/etc/passwd",
        passes="pots, pans, etc/kitchen and home/garden",
    ),
    Rule(
        "path-traversal",
        "windows-file",
        r"(?:^|[^a-z0-9])[a-z]:\\{1,2}(?! [(a-z])|[/\\](?:windows|winnt|program ?files|xampp"
        r"|documents and settings)[/\\]"
        r"|\\(?:apache2?|php[0-9]?|mysql|logs?|system32|etc|users|temp|inetpub)\\|(?:^|[^a-z0-9])[a-z]:/(?!/)[a-z]{2}"
        r"|inetpub[/\\]|%(?:systemroot|windir|comspec"
        r"|appdata|temp)%"
        r"|\\\\\?\\",
        "A file on a Windows server.",
        stops="c:\\php\\sessions\\",
        passes="windows / doors, class C: drivers, C:\\ drive users",
    ),
    Rule(
        "path-traversal",
        "server-log",
        r"[/\\][a-z0-9_.-]{0,20}(?:access|error|err|mysql|mysqld|thttpd|ftp|xfer|mail|auth)[._-]?log(?:$|[^a-z])"
        r"|/logs?/[a-z0-9_-]{1,30}(?:$|[._-]?log)|^[/\\](?:apache2?|php[0-9]?|web|www|htdocs|opt|usr"
        r"|var)[/\\][a-z0-9_/\\.-]{3,60}$",
        "The log of a web server or of another service.",
        stops="/apache/logs/error.log",
        passes="web/mobile, tree logs/firewood",
    ),
    Rule(
        "path-traversal",
        "server-file",
        r"(?:^|[/\\. ])(?:boot|win|php|my|desktop|system)\.ini(?![a-z])|(?:httpd|nginx|apache2?|proftpd|vsftpd|smb"
        r"|sshd_config"
        r"|my|resolv)\.(?:conf|cnf)(?![a-z])|\.(?:htaccess|htpasswd|bash_[a-z]{3,8}|ssh/|git/|docker/|env$|svn/|aws/"
        r"|[a-z]{2,6}_history)|id_(?:[rd]sa|ecdsa|ed25519)|(?:web|app|machine)\.config|global\.asax?(?![a-z])"
        r"|tomcat-users"
        r"|authorized_keys|known_hosts|docker-compose\.yml|(?:^|[/\\])(?:wp-)?(?:config|database"
        r"|settings)(?:\.inc)?\.php"
        r"|(?:web|meta)-inf/|(?:^|[^a-z0-9])~[a-z]{0,12}/\.?[a-z]|(?:^|[/\\])(?:access|error)[._-]log$"
        r"|/(?:library/webserver|volumes|netserver)/|(?:^|/)\.[a-z]{2,10}(?:rc|_profile)(?![a-z])|(?:^|/)(?:config|conf"
        r"|etc|settings"
        r"|secrets)/[a-z0-9_/-]{1,40}\.(?:ya?ml|xml|php"
        r"|json|properties|toml|env)(?![a-z])"
        r"|[/\\][a-z0-9_/\\.-]{1,60}\.(?:inc|ini|pdb|conf|cnf|cfg|err|log|bak|pem|key)(?![a-z])",
        "A configuration, history or key file by its own name.",
        stops="conf/httpd.conf",
        passes="home/garden.conference visitors",
    ),
)

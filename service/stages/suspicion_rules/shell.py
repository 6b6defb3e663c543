"""Code injection into a shell: commands behind a separator, command lines, expansions, and the marks they need."""

from __future__ import annotations

from service.stages.suspicion_rules.rule import Rule

# Programs whose names are no English words, and those whose names are.
_PROGRAM = (
    r"(?:ansible[a-z-]{0,10}|aspell|[a-z]{0,2}awk|base(?:32|58|64|nc)|busctl|busybox|bz?ip2|b[zs]?cat|bpftrace|byebug"
    r"|c[89]9|capsh|certbot|chgrp"
    r"|chmod|chown|chroot|chef-client|choom|cobc|cpio|cpulimit|crontab|csplit|csvtool|cupsfilter|dmesg|dmidecode"
    r"|dmsetup|dos(?:2unix|box)"
    r"|dpkg|dvips|easy_install|[efz]?grep|exiftool|facter|flock|fping|[ag]?cc|gcore|gdb|genisoimage|ghci?|ginsh"
    r"|gunzip|gzip|gtester|hexdump|hping3|htop"
    r"|iconv|iftop|i[fp]config|ionice|irb|iw[rm]i?|ispell|jjs|journalctl|jrunscript|ksh|ksshell|ldconfig|loginctl"
    r"|logsave|lsof|ltrace|lua(?:la)?tex"
    r"|lwp-[a-z]{4,8}|lynx|lz4c?|lz(?:ma|cat|less|diff)|mkdir|mkfifo|mktemp|mlocate|mtr|msg(?:attrib|cat|conv|filter"
    r"|merge|uniq)|nano|nasm|ncat|neofetch|netsh"
    r"|netstat|nmap|nohup|nroff|nsenter|nslookup|openssl|openvpn|opkg|pdb|(?:pdf|xe|la)(?:la)?tex|perf|pft?p|pico"
    r"|pidstat|pip[3x]?|pkexec|podman|printenv|printf"
    r"|psftp|psql|ptx|puppet|pwd|r?bash|readelf|redcarpet|restic|rexec|rlogin|rlwrap|rmdir|rmt[a-z-]{0,5}|rpm(?:db"
    r"|query|verify)?|rsync|run-(?:mailcap|parts)"
    r"|r?view|r?vim(?:diff)?|scanmem|scp|setarch|s?ftp|shuf|slsh|smbclient|socat|soelim|sqlite3|ssh(?:-[a-z]{3,9}"
    r"|pass)?|start-stop-daemon|stdbuf|strace|sudo"
    r"|sysctl|sysinfo|systemctl|systeminfo|taskset|tasklist|tasksh|tclsh|tcpdump|telnet|tftp|timedatectl|tmate|tmux"
    r"|torify|traceroute|tracert|troff|tshark"
    r"|ulimit|umask|uname|uncompress|unexpand|uniq|unlz(?:ma|4)|unpigz|unrar|unset|unxz|unzip|unzstd"
    r"|update-alternatives|user(?:add|del|mod)|uu(?:de|en)code|valgrind"
    r"|vi|vigr|vipw|virsh|w3m|wget|whiptail|whoami|whois|wireshark|wmic|xargs|xdotool|xelatex|xmodmap|xterm|xxd"
    r"|xz(?:cat|diff|less|more)?|z(?:athura|cat|diff|less|more"
    r"|run|sh|soelim)|zstd(?:cat|less)?|zypper|certutil|bitsadmin|mshta|regsvr32|rundll32|schtasks|cscript|wscript"
    r"|ifup|nft|iptables|lsb_release|mosquitto|gimp|octave)"
)
_ENGLISH_PROGRAM = (
    r"(?:alias|apt(?:-get)?|ar|arp|at|bash|bundler?|c?sh|cat|cmp|comm|column|composer|cowsay|cp|cpan|crash|curl|cut"
    r"|dash|date|dd|df|dialog|diff|dig|dir|dnf|docker"
    r"|du|eb|ed|emacs|env|ex|echo|expand|expect|export|fetch|file|find|finger|fish|fold|gem|git|go|head|host|hostname"
    r"|id|iex|install|ip|jobs|join|jq|kill|knife|last"
    r"|less|ln|look|ls|mail|make|man|more|mount|mv|mutt|mysql|nc|net|nice|nl|node|npm|od|paste|perl|php[0-9]?|pic"
    r"|ping|pr|ps|powershell|python[23]?|rake|rc|rcp|red|reg|rev"
    r"|rm|route|ruby|screen|script|sed|service|set|sg|shutdown|sleep|snap|sort|split|ss|strings|su|svn|tac|tail|tar"
    r"|task|tbl|tee|tex|tic|time|timeout|top|touch|type|ul|unlink"
    r"|vagrant|view|wall|watch|wc|which|who|wish|yarn|yelp|yum|zip)"
)
_SEPARATOR = r"(?:[;|`\n]|&&|\$\(|<\(|[\"'] ?&|[0-9]&|^& ?|^\W{1,4})"
_FOLDER = r"(?:/[a-z/]{1,20}/)?"

RULES = (
    Rule(
        "code-injection",
        "piped-command",
        rf"{_SEPARATOR} ?[`\"'({{$]{{0,3}}{_FOLDER}{_PROGRAM}(?:[`\"')}}]{{0,3}}(?:$|[;|`\n#\\&<>$()])|[\"']? [^ ]"
        rf"|[{{,*+@])",
        "A separator of a shell followed by a program.",
        stops="127.0.0.1; wget http://x.example/a",
        passes="moms & dads; python and ruby developers | R&D",
    ),
    Rule(
        "code-injection",
        "piped-english-command",
        rf"{_SEPARATOR} ?[`\"'({{]{{0,3}}{_FOLDER}{_ENGLISH_PROGRAM}(?:[`\"')}}]{{1,3}}|[;|`\n#\\&<$]"
        r"| (?:-|[/\\~%|&;\"'<$!*+.][^ ]|[a-z]:[\\*]|[0-9]{1,3}\.|user |local|https?:|[<>] ?[a-z/])"
        r"|{,)",
        "The same with a program whose name is a word: here its arguments must be those of a shell.",
        stops="x; cat ./secret",
        passes="moms & dads; top brands for kids | time savers",
    ),
    Rule(
        "code-injection",
        "piped-short-command",
        r"(?:[;`\n]|(?:^[^ a-z]{0,3}[a-z]?\)?\||&&|\|\||^\W{0,4}&|\$\() ?)(?:id|ls|ps|dir|pwd|df|ln|mv|rm|cp"
        r"|wc|sh|nc|cat"
        r"|ping|echo|type|time|date|set|env|ver|net|who)"
        r" ?(?:$|[;|&`#\n\\)])|(?:^|[^a-z0-9])(?:ping|traceroute|tracert|telnet|nc|curl|host|dig|ssh"
        r"|nslookup) (?:-[a-z] ?[0-9]{0,4} )?[0-9]{1,3}(?:\.[0-9]{1,3}){3}"
        r"|[;|`&(] ?sleep [0-9]|^(?:ls|ps|id|df|du|rm|cp|mv|cat|netstat|uname|who|w|ss|ip) -[a-z]{1,6}(?: |$)"
        r"|^ps (?:aux|-ef)|^echo [$'\"]",
        "A separator of a shell, then one of its shortest commands and nothing else.",
        stops="a);id",
        passes="hats | id cards; ls 300",
    ),
    Rule(
        "code-injection",
        "leading-separator",
        rf"^[\"')\]]{{0,3}} ?(?:(?:[;|`]|&&|\$\() ?[\"'$(`]{{0,2}}{_FOLDER}(?:{_PROGRAM}|{_ENGLISH_PROGRAM})"
        rf"|& ?{_PROGRAM})(?![a-z])"
        r"|^(?:;|\||&&|`|\|\|)[ '\"]{0,3}[a-z./][a-z0-9_./-]{0,20}['\"]?(?: -|[;|)`'\"&]|$(?<=[;|&][a-z]{2}))|^(?:;"
        r"|\|)[a-z./-]{2,20} [a-z/-]|^(?:[;|]|\|\||&&) ?$",
        "A text that begins with a separator of a shell: what comes next is meant to run.",
        stops=";rmt --version",
        passes="each; every",
    ),
    Rule(
        "code-injection",
        "command-line",
        rf"(?:^|[^a-z0-9-])(?=[a-z])(?:{_PROGRAM}|{_ENGLISH_PROGRAM}) (?:-{{1,2}}[a-z][a-z-]{{0,12}} )?(?:[/~]\.?[a-z]"
        rf"|[a-z]:\\|%[a-z]|'[^']|-[a-z]{{1,5}} [^ ])"
        rf"|^(?:nohup|strace|sudo|xargs|which|time) (?:{_PROGRAM}|sh|id|ls|ps|who)(?: -?[a-z]{{1,12}}){{0,2}}$"
        rf"|^pip[x3]? install [a-z]|^sleep [0-9]{{1,3}}$|(?:curl|wget) (?:-[a-z] )?https?:"
        r"|net (?:user|localgroup) [a-z]{1,20} |netsh [a-z]{2,12} set|(?:^|[^a-z])reg add|ping -[a-z] [0-9]",
        "A command line by itself: a program with arguments that only a shell takes.",
        stops="nc -lvvp 4444",
        passes="ls 300 lexus, nc 8000 controller, bash/zsh users",
    ),
    Rule(
        "code-injection",
        "telling-command",
        r"(?:^|[^a-z0-9])(?:whoami|ifconfig|ipconfig|netstat|systeminfo|sysinfo|uname|nslookup|printenv|lsof)(?:$"
        r"|[;|&`)'\" ])"
        r"|(?:get|set|new|invoke|start|stop|add|remove|write|out|import|export)-(?:object|item|process|content"
        r"|webrequest|expression|command|childitem"
        r"|service|sleep|host|wmimethod|module)(?![a-z])",
        "A program that tells about the machine it runs on, or an order of PowerShell.",
        stops="uname -a",
        passes="sign-in service, add-on items",
    ),
    Rule(
        "code-injection",
        "shell-expansion",
        r"\$\(|\$\{?ifs|(?:^|[^a-z0-9])`[a-z/{$(]|[a-z]`` ?|[;|&<]\{[^}]|\{,|\(\) ?\{|:\(\)|<<<|<\(|\$\{?(?:cmd|shell"
        r"|path|home|pwd|oldpwd|hostname|ostype|random|bash[a-z_]{0,12}|env|prompt_command|@|\*|\?|!)(?![a-z0-9])|\$'"
        r"|(?:^|[ =])~[+-]|![-!][0-9]"
        r"|[a-z]{2,8}=\$[\"'a-z]|/[a-z]{0,5}[?*\[][a-z?*\[\]]{0,8}/[a-z?*\[]|/\[[a-z]\][a-z]|[0-9]?>&[0-9]|> ?/dev/"
        r"|\$[a-z]\$[a-z]|(?:^|;)[a-z]{1,3}=[^=; ]{1,10};|[a-z]\{[a-z],[a-z]{1,6}\}|\\!|%0a/",
        "Substitution, groups and wildcards of a shell.",
        stops="cat${IFS}x",
        passes="$150k+ households & {kids}, didn`t",
    ),
    Rule(
        "code-injection",
        "punctuation",
        r"(?!(?P<mark>.)(?P=mark){2})(?![\"()\[\]{}]{3})['\"();<>|`{}\[\]\\^]{3}(?<![(<]3\))"
        r"|^[^a-z0-9à-￿]{0,40}['\"`\\{}|][^a-z0-9à-￿]{0,40}$"
        r"|(?:^|[^a-z])\\[a-z]{1,2}(?![a-z])|(?:^|[^a-z])\\[a-z][^ ]{0,20}\\|\{[^{}]{0,60}[;$|&`(]",
        "Marks of several languages in a row, escapes, or a text of nothing else: a probe for what breaks.",
        stops="(['x'])",
        passes="black\\white (hats), toys... :) {kids}",
    ),
    Rule(
        "code-injection",
        "shell-redirection",
        r"> ?[a-z0-9_]{1,12}\.(?:php|sh|txt|jsp|aspx?)|[\"')] ?\|\|? ?[a-z/]{2,20}\|?$|[;\n\"'] ?\. ?\\?[\"']?shell\b",
        "Output into a file, or a chain of commands that goes on.",
        stops="echo x > rfi.php",
        passes="interest > php.net visitors",
    ),
    Rule(
        "code-injection",
        "batch-syntax",
        r"(?:^|[^a-z])for (?:/[dflr] )?(?:\"[^\"]{0,30}\" |[a-z]:\\{1,2} "
        r"|[a-z]:\\[a-z]{1,12}\\? )?%{1,2}[a-z0-9/]{0,8} in ?\(|for /[dflr] "
        r"|(?:^|[^a-z])if (?:/i )?(?:not )?(?:exist [a-z0-9.\\:]{1,40} (?:\(|[a-z])|defined [a-z]{1,12} ?\("
        r"|errorlevel [0-9]|[\"\[(%a-z0-9!][^=<>]{0,20}==)"
        r"|[%\"\])0-9a-z!] (?:equ|neq|lss|leq|gtr|geq) [\"%\[(0-9]|%(?:path|temp|tmp|os|comspec|username"
        r"|userprofile|programfiles|windir|appdata|errorlevel|cd|variable|var|_prefix)%",
        "A loop or a condition of the Windows command line.",
        stops="for /f %a in (text) do abc",
        passes="cars for 50% in (or near) texas, if any",
    ),
)

"""Words that a text must hold to be an attack if it is nothing but words: all others need no look at the rules.

A test puts the words of all rules together at random and holds this list to it.
"""

from __future__ import annotations

import re

from service.stages.suspicion_rules.names import PROGRAMS, WINDOWS_PROGRAMS

_OTHERS = """
    2147483647 2147483648 2147483649 4294967295 4294967296 aced0005 activexobject add alias alter ansible apache apk
    aws bak base64data benchmark bin2hex binary brew builtin burpcollaborator cargo case cat cfg child classloader
    cnf com command composer conf content create curl databases declare delete dig div dnf docker document drop dsa
    echo env equ err etc except exec export expression false forclosure fsockopen gem geq get getruntime git
    globalthis grants group gtr gzdecode gzdeflate gzinflate having helm hex2bin history host htdocs id ifconfig
    import inc indexeddb ini innerhtml insert interact intersect invoke ip6 ipconfig item java javax key kubectl
    kubernetes leq localhost localtest location log logs ls lsof lss mainmodule metadata minus mod module msysaccess
    navigator nc neq net netstat new nice nip nohup npm nslookup null oast object ognl openlog opkg opt order org
    out outerhtml pacman passthru passwd pdb pem perl phar php php3 php4 php5 php7 php8 phpinfo phps phtml ping pip
    pip2 pip3 pipx podman popen print printenv procedure process processbuilder processlist programfiles ps r
    readfile reg remove rlike rsa runtime scandir select self service set setsid shadow shell shutdown sleep snap
    split ssh sslip start stop strace su submit sudo sun syscolumns sysdummy sysibm sysinfo sysobjects systemctl
    systeminfo telnet tempnam terraform this time timeout true truncate uname union unmarshal unserialize update
    usort usr var waitfor watch web webhook wget whereis which who whoami window windows write www xampp xargs xip
    xmldecoder xmlhttprequest xor yarn yum zip zypper
"""
LOADED_WORDS = frozenset(re.findall(r"[a-z0-9]+", f"{PROGRAMS} {WINDOWS_PROGRAMS} {_OTHERS}"))

"""Code injection into the command line of Windows and into PowerShell."""

from __future__ import annotations

from service.stages.suspicion_rules.names import any_of
from service.stages.suspicion_rules.rule import Rule

_CMDLET_VERB = any_of("""
    add clear close compare complete confirm connect convert convertfrom convertto copy debug disable disconnect
    enable enter exit expand export find foreach format get group import initialize install invoke join limit lock
    measure merge mount move new open optimize out pop push read receive register remove rename reset resize resolve
    restart restore resume save search select send set show sort split start stop submit suspend switch tee test
    trace unblock undo uninstall unlock unregister update use wait watch where write
""")
_CMDLET_NOUN = any_of("""
    acl alias assembly bitstransfer childitem cimclass ciminstance cimmethod clipboard command computerinfo content
    credential csv customobject dnsclientcache eventlog executionpolicy expression filehash formatdata gridview host
    hotfix item itemproperty localgroup localuser mailmessage module netadapter netfirewallrule netipaddress object
    process processmitigation psbreakpoint psdebug psdrive pshostprocess psprovider pssession restmethod runspace
    scheduledjob scheduledtask securestring service sleep smbshare tcpclient tracesource transcript typedata
    uiculture webrequest winevent wmievent wmimethod wmiobject wsmaninstance
""")
_COMPARISON = r"(?:equ|neq|lss|leq|gtr|geq)"
_VARIABLE = (
    r"%(?:path|temp|tmp|os|comspec|username|userprofile|userdomain|programfiles|programdata|windir|appdata|localappdata"
    r"|systemroot|systemdrive|computername|errorlevel|homepath|homedrive|pathext|cd|random|variable|var|_[a-z]{2,12})%"
)

RULES = (
    Rule(
        "code-injection",
        "batch-loop",
        r"(?:^|[^a-z])for (?:/[dflr] )?(?:\"[^\"]{0,40}\" |[a-z]:\\[a-z0-9\\]{0,20} ){0,2}%{1,2}[a-z0-9/~]{0,10} in ?\("
        r"|(?:^|[^a-z])for /[dflr] |(?:^|[ &|(])set /[ap] |(?:^|[ &|(])goto :?eof|@echo (?:off|[a-z])|%[a-z_]{1,20}:~"
        r"|[a-z]\^[a-z]\^|\^[a-z]\^[a-z]",
        "A loop of the Windows command line.",
        stops="for /f %a in (text) do abc",
        passes="cars for 50% in (or near) texas",
    ),
    Rule(
        "code-injection",
        "batch-condition",
        r"(?:^|[^a-z])if (?:/i )?(?:not )?(?:exist [a-z0-9.~\\/:\"%*_-]{1,40} ?(?:\(|[a-z@])"
        r"|defined [a-z0-9_]{1,20} ?[(a-z]"
        rf"|(?:errorlevel|cmdextversion) [0-9]|[\"\[(%a-z0-9!][^=<>]{{0,30}}==)|(?:^|[^a-z])if /i |{_VARIABLE}"
        rf"|[%\"\])0-9a-z!] {_COMPARISON} [\"%\[(0-9!]|(?:^|[^a-z])if (?:/i )?(?:not )?[^ ]{{1,30}} {_COMPARISON} ",
        "A condition or a variable of the Windows command line.",
        stops="if exist data.xls echo found",
        passes="if any, if it exists, 50% path %brand%",
    ),
    Rule(
        "code-injection",
        "cmdlet",
        rf"(?:^|[^a-z0-9-]){_CMDLET_VERB}-{_CMDLET_NOUN}(?![a-z-])|[-/](?:encodedcommand"
        r"|executionpolicy|windowstyle hidden|inputformat|noprofile|noninteractive)|\[(?:system|net|io|convert"
        r"|reflection"
        r"|text|diagnostics)\.[a-z.]{2,30}\]|new-object [a-z]|downloadstring\(|\|iex\b|::(?:frombase64string|start"
        r"|load)\b",
        "A cmdlet of PowerShell, its options, or a class of .NET in its brackets.",
        stops="invoke-webrequest -uri x",
        passes="sign-in service, add-on items, get-together, start-up process engineers",
    ),
    Rule(
        "code-injection",
        "windows-program",
        r"(?:^|[^a-z0-9])(?:cmd|powershell|pwsh)(?:\.exe)? ?[/-][a-z]{1,14}(?![a-z])|[a-z0-9_]{1,20}\.(?:exe|vbs|hta"
        r"|cmd|scr|msi"
        r"|ps1|bat|dll)"
        r"(?:$|[\"' ,;|&)]{1,2}(?:[-/]|$))|(?:^|[&|;`( ])net1? (?:user|users|localgroup|group|view|share|use|start|stop"
        r"|accounts)"
        r"(?: [a-z\\\\/]{1,20} |$| /)|netsh [a-z]{2,12} (?:set|show|add)|(?:^|[^a-z])reg (?:add|query|save|delete"
        r"|export) ?"
        r"[\"h\\]|(?:^|[^a-z])(?:dir|type|copy|del|md|rd|cd|start|ren|more)[ +]"
        r"(?:[a-z]:(?:[\\/%*]|$)|\\\\)|(?:^|[&|;] ?)(?:dir|type|del) (?:%[a-z]{2,20}%|/[a-z](?![a-z/]))"
        r"|(?:rundll32|wmic|cscript|wscript|regsvr32|mshta|schtasks|bitsadmin|certutil) [a-z/-]",
        "A program or an order of Windows with its arguments.",
        stops="net user hacker password1 /add",
        passes="net users, reg. additions, cmd keys, type a: blood donors",
    ),
)

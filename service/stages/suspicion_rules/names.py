"""Names that the rules of several languages share, and how a list of them becomes one pattern.

Taken from the manuals of the systems, not from payloads: whatever these offer, an attacker may call. Names that are
also words of everyday English stand apart: the rules ask more of what follows them.
"""

from __future__ import annotations

from typing import Any


def any_of(words: str) -> str:
    """Return a pattern that matches any of the words. A tree, so that its cost does not grow with their number."""
    tree: dict[str, Any] = {}
    for word in words.split():
        node = tree
        for letter in word:
            node = node.setdefault(letter, {})
        node[""] = {}
    return _pattern(tree)


def _pattern(tree: dict[str, Any]) -> str:
    branches = [_escaped(letter) + _pattern(tree[letter]) for letter in sorted(tree) if letter]
    if not branches:
        return ""
    if len(branches) == 1 and "" not in tree:
        return branches[0]
    return f"(?:{'|'.join(branches)})" + ("?" if "" in tree else "")


def _escaped(letter: str) -> str:
    return letter if letter.isalnum() or letter in "_-" else "\\" + letter


# Programs of Unix and Windows, from their manuals and from the public lists of those that attackers use.
PROGRAMS = """
    aa-exec adduser agetty ansible ansible-config ansible-console ansible-doc ansible-galaxy ansible-inventory
    ansible-playbook ansible-pull ansible-test ansible-vault apache2ctl apt-cache apt-get aptitude aria2c ascii85
    atq attrib base32 base58 base64 basenc batcat bcdedit bconsole bitsadmin blkid bpftrace bsdtar busctl busybox
    byebug bzcat bzdiff bzegrep bzip2 bzless bzmore c89 c99 cacls capsh certbot certutil chattr chef-client chgrp
    chmod choom chown chpasswd chroot chsh clamscan cmd cobc cowthink cpio cpulimit crontab cscript csplit csvtool
    cupsfilter debugfs dmesg dmidecode dmsetup doas dos2unix dosbox dpkg dstat dvips easy_install egrep enscript
    exiftool facter fallocate fgrep fping fsck fuser gawk gci gcloud gcore gdb genisoimage getcap getent getfacl
    ghci ginsh gpasswd grep groupadd gtester gunzip gwmi gzexe gzip hexdump hostnamectl hping3 htdigest htop
    htpasswd icacls iconv ifconfig ifdown iftop ifup insmod ionice iostat ip6tables ipconfig iptables irm ispell
    iwconfig iwmi iwr jjs journalctl jrunscript jshell ksh ksshell kubectl lastlog latexmk ldapsearch ldconfig ldd
    lftp loginctl logsave losetup lsattr lsb-release lsb_release lsblk lscpu lshw lsmod lsof lspci lsusb ltrace lua5
    lualatex luatex lwp-download lwp-dump lwp-mirror lwp-request lz4 lz4c lz4cat lzcat lzcmp lzdiff lzegrep lzfgrep
    lzgrep lzless lzma lzmadec lzmainfo lzmore mawk mkdir mkfifo mkfs mknod mktemp modprobe mpstat msfconsole
    msgattrib msgcat msgconv msgfilter msgmerge msguniq mshta msiexec mysqladmin mysqldump mysqldumpslow nasm nawk
    nbtstat ncat ncdu ncftp neofetch netcat netsh netstat nmap nohup nroff nsenter nslookup ntpdate openrc openssl
    openvpn openvt opkg passwd pdflatex pdftex perl5 perlbug pexec pftp pgrep pidof pidstat pip2 pip3 pipx pkexec
    pkill pmap podman printenv procdump proftpd psed psftp psql pwd pwsh python2 python3 rbash rc-service readelf
    realpath regsvr32 restic rexec rksh rlogin rlwrap rmdir rmmod rmt rmt-dump rmt-tar rmuser rndc robocopy rpmdb
    rpmkeys rpmquery rpmverify rsync rsyslogd rtorrent run-mailcap run-parts rundll32 rview rvim rzsh scanmem
    schtasks scrot sdiff setarch setcap setfacl setsid sftp sha1sum sha256sum sha512sum shuf slsh smbclient socat
    soelim sqlite3 sqlmap ssh-add ssh-agent ssh-copy-id ssh-keygen ssh-keyscan sshd sshpass start-stop-daemon stdbuf
    strace sudo sysctl sysinfo systemctl systemd-resolve systeminfo taskkill tasklist taskset tasksh tclsh tcpdump
    tcping tcptraceroute tcsh tdbtool telnet tftp timedatectl tmate tmux torify torsocks traceroute traceroute6
    tracert troff tshark ulimit umask umount uname uncompress unexpand unlz4 unlzma unpigz unrar unset unshare
    unsquashfs unxz unzip unzstd update-alternatives useradd userdel usermod uudecode uuencode valgrind vigr vim
    vimdiff vipw virsh visudo vmstat vssadmin w3m wevtutil wget whiptail whoami whois wireshark wmic wscript xargs
    xcopy xdotool xelatex xetex xmodmap xterm xxd xzcat xzcmp xzdec xzdiff xzegrep xzfgrep xzgrep xzless xzmore
    yarnpkg zathura zcat zcmp zdiff zegrep zfgrep zgrep zless zmore zrun zsh zsoelim zstd zstdcat zstdgrep zstdless
    zstdmt zypper
"""
# Windows and the aliases of PowerShell.
WINDOWS_PROGRAMS = """
    asnp assoc bcdboot bcdedit bootcfg cacls certreq certutil chcp chdir chkdsk chkntfs clc cleanmgr clhy clv cmdkey
    cmstp cnsn cvpa dbp dfrgui diskpart diskshadow dism dnsn doskey driverquery dsget ebp endlocal epal epcsv epsn
    etsn eventcreate exsn fhx findstr forfiles fsutil ftype gbp gcb gci gcim gcm gcs gdr getmac ghy gjb gmo gpresult
    gps gpupdate gpv gsn gsnp gsv gtz gwmi icacls icim icm iex ihy inmo ipal ipcsv ipmo ipsn ipxroute irm iwmi iwr
    klist ksetup lodctr logman logoff makecab mklink mountvol msiexec msinfo32 mstsc nbtstat ndr netcfg netdom netsh
    netstat nmo npssc nsn ogv openfiles pathping perfmon popd pushd qappsrv qprocess quser qwinsta rasdial rbp rcim
    rcjb rcsn rdr regini regsvr32 relog rjb rmo rni rnp robocopy rpcping rsh rsnp rujb runas rundll32 rvpa rwinsta
    rwmi sajb saps sasv sbp scb schtasks secedit setlocal setx sfc shcm showmount sls spjb spps spsv stz subst sujb
    swmi systeminfo takeown taskkill tasklist tlntadmn trcm tscon tsdiscon typeperf tzutil unlodctr vssadmin wbadmin
    wecutil wevtutil winrm winsat wjb wmic xcopy
"""
ENGLISH_PROGRAMS = """
    7z ab alias apt ar arch arj arp as ash at awk bash batch bc break bridge builtin bundle bundler call cancel cat
    cc cd cdist chage check_by_ssh check_cups check_log check_memory check_raid check_ssl_cert check_statusfile chfn
    choice cksum clip cls cmp color column comm command compact composer convert copy cowsay cp cpan crash csh curl
    cut dash date dd declare defrag del df dialog diff dig dir dirname disown distcc dnf docker dotnet du eb echo ed
    edit efax elvish emacs env eqn erase espeak ex exec exim exit expand expect explorer export expr extract factor
    fetch fg file find finger fish flock fmt fold foreach format forward free ftp gcc gem genie getopts ghc gimp git
    go goto grc groups halt hash hd head help highlight history host hostname id iex install ip irb java jobs joe
    join jq julia kill killall knife ksu label last latex ld.so less let links ln local locate logger login logout
    look lp ls lua lynx mail make man md measure mi minicom mode more mount move msg mtr multitime mutt mv mypy
    mysql nano nc net net1 nft nginx nice nl nm node npm npx octave od openbox openvt pandoc paste patch pause pax
    pdb perf perl pg php php5 php7 php8 pic pico pig ping ping6 pip pkg posh poweroff powershell pr print printf
    prompt pry ps psad ptx puppet push python query rake rc rcp rd read reboot recover red reg rem ren rename
    replace reset rev rm route rpm rr ruby run sash sc scheme scp screen script sed seq service set setenv sg sh
    shift shutdown sleep snap socket softlimit sort source split ss ssh start stat strings su svn sync tac tail tar
    task tbl tee terraform test tex tic time timeout title top touch tr trap tree type ul unalias uniq unlink uptime
    users vagrant varnishncsa ver verifier verify vi view vol volatility w wait waitfor wall watch wc whatis where
    whereis which who winget wish write xdg-user-dir xetex xmore xpad xz yarn yash yelp yes yum zip
"""
# Functions that only a database has, and those whose names are words.
DATABASE_FUNCTIONS = """
    abs acos acosh adddate addtime aes_decrypt aes_encrypt ascii asciistr asin asinh atan atan2 atanh avg benchmark
    bigint bin bin_to_uuid bit_and bit_count bit_length bit_or bit_xor bitand bool_and bool_or cast cdbl ceil
    char_length character_length charindex chr clng coalesce coercibility concat concat_ws connection_id conv
    convert_from convert_to convert_tz cos cosh cot crc32 cume_dist curdate current_database current_date
    current_query current_schema current_setting current_time current_timestamp current_user curtime database_to_xml
    date_add date_format date_sub date_trunc dateadd datediff datename datepart datetime dayname dayofmonth
    dayofweek dayofyear db_name dbms_pipe dcount decode_oct degrees dense_rank des_decrypt des_encrypt dfirst
    dlookup dsum elt encode_oct exp export_set extractvalue field_in_set find_in_set first_value floor format_bytes
    found_rows from_base64 from_days from_unixtime gen_random_uuid generate_series get_format get_lock getdate
    getutcdate greatest group_concat group_id grouping_id gtid_subset gtid_subtract has_database_privilege hex
    hextoraw host_name ident_current ifnull iif inet6_aton inet6_ntoa inet_aton inet_ntoa inet_server_addr initcap
    instr interval_add is_free_lock is_ipv4 is_ipv6 is_member is_srvrolemember is_used_lock isdate isnull isnumeric
    json_agg json_array json_contains json_depth json_extract json_keys json_length json_merge json_object
    json_quote json_remove json_replace json_search json_set json_type json_unquote json_valid julianday last_day
    last_insert_id last_insert_rowid last_value lcase ln lo_export lo_import load_extension load_file localtime
    localtimestamp log10 log2 lpad ltrim make_date make_set makedate maketime master_pos_wait md5 microsecond mid
    monthname multipolygon name_const newid nth_value ntile nullif numnonnulls nvl nvl2 object_id object_name oct
    octet_length old_password ord parsename patindex percent_rank period_add period_diff pg_ls_dir pg_read_file
    pg_sleep pow procedure_analyse ps_thread_id quarter query_to_xml quote_ident quote_literal quotename radians
    rand randomblob rank rank_over rawtohex rawtonhex regexp_instr regexp_like regexp_matches regexp_replace
    regexp_substr release_lock row_count row_number rowid_to_char rpad rtrim schema_name scope_identity sec_to_time
    serverproperty session_user sha sha1 sha2 sin sinh smallint soundex sqlite_compileoption_get sqlite_version sqrt
    st_geomfromtext st_latfromgeohash starts_with stddev stddev_pop stddev_samp str_to_date strcmp strftime strpos
    subdate substr substring substring_index subtime sum suser_name suser_sname sys_context sys_eval sys_exec
    sysdate system_user tan tanh time_format time_to_sec timediff timestampadd timestampdiff tinyint to_base64
    to_char to_date to_days to_number to_seconds to_timestamp total_changes typeof ucase uncompress
    uncompressed_length unhex unicode_at unistr unix_timestamp unlikely updatexml user_name utc_date utc_time
    utc_timestamp utl_http utl_inaddr utl_raw uuid uuid_short uuid_to_bin validate_password_strength var_pop
    var_samp varchar varchar2 variance wait_for_executed_gtid_set weekday weekofyear weight_string width_bucket
    xmlagg xmlelement xmlforest xmlparse xmltype xp_cmdshell yearweek zeroblob
"""
ENGLISH_DATABASE_FUNCTIONS = """
    analyse bin ceiling char character collation compress convert count database date day decode encode encrypt
    exists extract field first format glob hex hour if index insert interval lag last lead least left length like
    likelihood likely locate log lower max mid min minute mod month now nth overlay password pi position power
    quarter quote random repeat replace reverse right round row schema second sign sleep space str stuff time
    timestamp total translate trim truncate unicode upper user value values version week year
"""

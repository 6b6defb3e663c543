"""Code injection into a server language: templates, PHP, Java, JavaScript and their kin."""

from __future__ import annotations

from service.stages.suspicion_rules.names import any_of
from service.stages.suspicion_rules.rule import Rule

# Functions of PHP that are no English words, for those without an underscore: that alone makes a call suspect.
_PHP_FUNCTION = any_of("""
    addcslashes addslashes arsort asort basename bindec bzclose bzcompress bzdecompress bzopen bzread bzwrite
    checkdate checkdnsrr chgrp chmod chown chroot closedir closelog crc32 decbin dechex decoct deg2rad dirname
    diskfreespace doubleval escapeshellarg escapeshellcmd explode ezmlm fclose feof fflush fgetc fgetcsv fgets
    fgetss fileatime filectime filegroup fileinode filemtime fileowner fileperms filesize filetype floatval flock
    fnmatch fopen fpassthru fprintf fputcsv fputs fread fscanf fseek fsockopen fstat ftell ftruncate fwrite
    getallheaders getcwd getdate getdir getenv gethostbyaddr gethostbyname gethostname getimagesize getlastmod
    getmygid getmyinode getmypid getmyuid getopt getprotobyname getrandmax getrusage getservbyname gettimeofday
    gettype gmdate gmmktime gzcompress gzdecode gzdeflate gzencode gzfile gzinflate gzopen gzread gzuncompress
    gzwrite hebrev hebrevc hex2bin htmlentities htmlspecialchars iconv idate implode intdiv intval ip2long iptcembed
    iptcparse krsort ksort lcfirst lchgrp lchown levenshtein linkinfo localeconv long2ip lstat ltrim metaphone mhash
    microtime mkdir mktime movepos natcasesort natsort ngettext nl2br octdec opendir openlog parsestr passthru
    pathinfo pclose pfsockopen phpcredits phpinfo phpversion popen printf putenv quotemeta rawurldecode rawurlencode
    readdir readfile readgzfile readline readlink realpath rewinddir rmdir rsort rtrim scandir serialize setcookie
    setlocale setrawcookie settype sizeof sprintf sscanf strcasecmp strchr strcoll strcspn stripcslashes stripos
    stripslashes stristr strlen strnatcasecmp strnatcmp strncasecmp strncmp strpbrk strpos strptime strrchr strrev
    strripos strrpos strspn strstr strtok strtolower strtotime strtoupper strtr strval substr symlink syslog tempnam
    tmpfile uasort ucfirst ucwords uksort umask uniqid unlink unserialize unset urldecode urlencode usleep usort
    vfprintf vprintf vsprintf wordwrap zlib
""")
# Those that PHP alone has, and that harm without a word more.
_PHP_DANGER = any_of("""
    array_diff_uassoc array_filter array_intersect_uassoc array_map array_reduce array_udiff array_walk
    assert_options base64_decode base64_encode bin2hex bzdecompress call_user_func call_user_func_array
    call_user_method convert_uudecode create_function ctype_alpha curl_exec curl_init curl_multi_exec curl_setopt
    dns_get_record escapeshellarg escapeshellcmd expect_popen file_get_contents file_put_contents filter_input
    forward_static_call fsockopen ftp_connect ftp_get func_get_args function_exists get_cfg_var get_class_methods
    get_current_user get_defined_constants get_defined_vars get_object_vars getmyuid gzdecode gzdeflate gzinflate
    gzuncompress hex2bin highlight_file include_once ini_get ini_set iptcembed is_callable mb_send_mail
    method_exists move_uploaded_file mysql_connect mysql_query ob_get_contents ob_start openlog parse_ini_file
    parse_str passthru pcntl_exec pcntl_fork pfsockopen php_sapi_name php_strip_whitespace php_uname phpcredits
    phpinfo phpversion popen posix_getpwuid posix_getuid posix_kill posix_uname preg_match preg_replace
    preg_replace_callback print_r proc_close proc_open readfile readgzfile reflectionfunction
    register_shutdown_function require_once runkit_function_rename scandir session_id session_start
    set_error_handler set_include_path set_time_limit shell_exec show_source spl_autoload str_replace str_rot13
    stream_context_create stream_get_contents stream_socket_client strtolower sys_get_temp_dir tempnam unserialize
    usort var_dump var_export wp_remote_get xmlrpc_decode
""")
_PHP_ENGLISH_FUNCTION = any_of("""
    array assert call chop compact copy count create current date delete die dir each echo end eval exec exit exp
    extract file fill filter gettype glob header highlight include is key link log mail max md5 min mixed move next
    parse pos prev print rand range rename require reset round settype shell show shuffle sleep sort split stat
    system tan touch trim
""")
_PHP_SETTING = any_of("""
    allow_url_fopen allow_url_include arg_separator auto_append_file auto_detect_line_endings auto_globals_jit
    auto_prepend_file browscap default_charset default_mimetype default_socket_timeout disable_classes
    disable_functions display_errors display_startup_errors doc_root docref_ext docref_root enable_dl
    enable_post_data_reading engine error_append_string error_log error_prepend_string error_reporting expose_php
    extension extension_dir file_uploads hard_timeout highlight html_errors ignore_repeated_errors ignore_user_abort
    implicit_flush include_path input_encoding internal_encoding log_errors log_errors_max_len max_execution_time
    max_file_uploads max_input_nesting_level max_input_time max_input_vars memory_limit open_basedir
    output_buffering output_encoding output_handler post_max_size precision realpath_cache_size register_argc_argv
    report_memleaks request_order safe_mode sendmail_from sendmail_path serialize_precision short_open_tag smtp_port
    sql sys_temp_dir track_errors unserialize_callback_func upload_max_filesize upload_tmp_dir user_dir
    variables_order xmlrpc_errors zend_extension zlib
""")
# What ad servers replace between two underscores on either side, as Python writes its own names.
_MACRO = any_of("""
    aaid adid advertiser aid android androidid cachebuster callback campaign cid click clickid clickurl creative csite
    ctype domain gaid geo idfa idfv imei imp impid keyword mac maid model oaid openudid placement price publisher
    random referrer site timestamp uuid zone
""")
_JAVA_PACKAGE = (
    r"(?:com\.(?:sun|ibm|oracle|opensymphony|thoughtworks|mchange|caucho|alibaba|fasterxml|bea|netscape|google\.gson"
    r"|mysql)"
    r"|org\.(?:apache|springframework|codehaus|mozilla(?!\.f(?:irefox|ocus|enix))|hibernate"
    r"|jboss|omg|osgi|w3c|xml|slf4j|python|jruby|eclipse|yaml"
    r"|aspectj|ietf|netbeans|springframework)|net\.(?:sf|bytebuddy|sourceforge)|sun\.(?:misc|net|reflect|rmi|security"
    r"|nio|awt))"
)

RULES = (
    Rule(
        "code-injection",
        "template",
        r"\{\{[^{}]{0,80}(?:[(*\[|'\"+=]|__|config|request|self|constructor|[0-9] ?[-/%])"
        r"|\$\{[^{}]{0,80}(?:[(*'\"$\[+]|:(?!b64\})|__"
        r"|\.(?:class|get|env)|(?<![a-z0-9_])[0-9])|\$\{\{|\{\$\{|\{% ?[a-z]|[a-z'\"] ?%\}|<% ?[a-z=0-9@!]"
        r"|#\{[^{}]{0,60}[(*0-9]"
        r"|@\{ ?\["
        r"|\{\$[a-z]|\[\[[0-9$] ?[*{]|<#[a-z]|#(?:set|foreach|include|parse|evaluate) ?\(|%\{[#(]|[*~]\{[0-9t]|@\([0-9]"
        r"|\{[a-z_]{3,20}\([\"']|\{(?:php|literal|if [a-z$])\}|\{\{ ?[0-9'\"]",
        "An expression of a template engine.",
        stops="{{7*7}}",
        passes="{{campaign.name}}, ${AUCTION_PRICE:B64} and ${GDPR_CONSENT_123} macros",
    ),
    Rule(
        "code-injection",
        "language-internals",
        rf"__(?!{_MACRO}__(?:$|[ &;,]))[a-z]{{3,20}}__"
        r"|(?:^|[^a-z0-9])\$[a-z_][a-z0-9_]{0,20}(?:[\[({@]|->|::| ?[.*+-]?=[^=]"
        r"| #[a-z]{1,9}| ?\["
        r"|;(?! \$[a-z]{1,5}(?:;|$)))"
        r"|(?:constructor|prototype) ?[.\[]|\$_[a-z]{3,8}|\$\$[a-z_]{3}|\$(?:globals|argv|argc|http_[a-z_]{4,20})"
        r"|^(?:auth_type|http_(?:accept|cookie|host|referer|user_agent|x_[a-z_]{2,20})[a-z_]{0,12}|path_info"
        r"|query_string"
        r"|remote_(?:addr|host|port|user)|request_(?:method|uri)|script_(?:filename|name)|server_(?:addr|name|port"
        r"|protocol"
        r"|software)|document_root|path_translated|gateway_interface|orig_path_info)$",
        "The attributes and variables by which one reaches a language from a template.",
        stops="''.__class__.__mro__",
        passes="__init bold__ and $ave (big), $9.99; __TIMESTAMP__ macros; $TSLA; $GME",
    ),
    Rule(
        "code-injection",
        "php-tag",
        r"<\?(?: ?(?:php|=|xml ?:|[a-z$])|$)|\?>$|\[/?php\]|(?:^|[^a-z])[oc]:\+?[0-9]{1,4}:\"|a:[0-9]{1,3}:\{"
        r"|[\"'][a-z]{2,12}[\"'] ?\. ?[\"'][a-z]{2,12}[\"']|\(?[a-z]{1,8}\.[a-z]{1,8}\)\(|\.(?:phtml|phar|phps"
        r"|php[3-8])(?![a-z0-9])",
        "A tag, a serialised object or a name put together from pieces, as PHP reads them.",
        stops='O:8:"stdClass":0:{}',
        passes="philadelphia (pa.us) residents, ratio 4:3",
    ),
    Rule(
        "code-injection",
        "php-setting",
        rf"^{_PHP_SETTING} ?= ?[^ ]{{0,40}}$|^[a-z0-9_]{{2,20}}\.[a-z][a-z0-9_]{{2,50}} ?= ?[^ ]{{1,40}}$",
        "A setting of PHP, or a section, a dot, a name and a value, as configuration files have them.",
        stops="opcache.jit_max=50",
        passes="brand = true religion, vegan=true",
    ),
    Rule(
        "code-injection",
        "server-call",
        r"(?:^|[^a-z])(?:system|exec|passthru|popen|eval|include|require|assert"
        r"|serialize)(?:_once)? ?[\[(] ?[\"'$@\[\\/(]|(?:include|require)(?:_once)? [\"'$]"
        r"|[a-z0-9]{2,20}+_[a-z0-9_]{2,30}+\(|[a-z_]\(\)(?!\w)|[a-z0-9_]{3,30}+ ?\( ?\)(?!\w)|\) ?;$"
        r"|[a-z](?:/\*.{0,20}?\*/|//[a-z]{0,5}\n|#[a-z]{0,5}\n) ?\(|\)\([\"'$]|[\[(] ?[\"']?system ?[\"']?[\])]"
        rf"|{_PHP_FUNCTION}\(|(?:^|[^a-z0-9_]){_PHP_DANGER}(?![a-z0-9_])|(?:^|[^a-z]){_PHP_ENGLISH_FUNCTION}\((?:$"
        rf"|[\"'$@]|[a-z]{{1,12}}\)?;)"
        r"|[\"'][a-z_]{3,20}[\"'] ?\)? ?\(|[\]}] ?\([\"'0-9$a-z]{1,20}\)|[a-z_]{3,20}+\([^() ]{1,20}+\)\([\"'$a-z]"
        r"|[a-z_]{3,20}+ ?=\([a-z\"'$]",
        "A call of a function of PHP and its like.",
        stops="shell_exec('ls')",
        passes="system (home audio), exec (c-level), php (developers)",
    ),
    Rule(
        "code-injection",
        "java-class",
        rf"(?:^|[^a-z0-9.])javax?\.(?!com\b|org\b|net\b(?!\.))[a-z]|(?:^|[^a-z0-9.@/-]){_JAVA_PACKAGE}(?:\.[a-z]|$)"
        r"|processbuilder|getruntime|runtime\.exec|getclass\(|forname\(|classloader|ognl|\$\{ ?jndi|unmarshal(?:ler|$)"
        r"|^ro0ab|kztaau|cs7qaf|¬í|javassist|memberaccess|aced0005|base64data|xmldecoder|scriptengine|\.class\."
        r"|inputstream|outputstream|objectinput"
        r"|(?:invoker|instantiate|clone|for|while|constant|chained|prototype|switch|transformed|lazy|map|nop|exception"
        r"|predicate"
        r"|factory|closure|stringvalue|if|transformer|prototypeclone|prototypeserialization)"
        r"(?:transformer|(?<!for)closure|factory|clonefactory|serializationfactory)|(?:^|[^a-z ])forclosure",
        "Classes by which Java starts programs.",
        stops="java.lang.runtime",
        passes="java.com visitors, process builders, forclosure homes, org.mozilla.firefox users",
    ),
    Rule(
        "code-injection",
        "script-engine",
        r"^[\"']; ?return |(?:^|[^a-z])(?:process|require|global|root|module|exports|this|object|reflect) ?\[ ?[\"'a-z]"
        r"|module\.exports"
        r"|child_process|mainmodule|process\.(?:env|binding|exit|kill|spawn|argv|cwd|mainm|stdout)|(?:^"
        r"|[^a-z])fs\.[a-z]"
        r"|(?:while|for)\(|while ?\( ?[!0-9]|function ?\*?[a-z]{0,10}\([a-z, ]{0,20}\) ?[{:]|new date ?[)(;]|(?:^"
        r"|[^a-z])do ?\{"
        r"[^{}]{0,60}[=;(]|(?:^|[^a-z])(?:console|process|math|object|json|array|reflect|os|subprocess|kernel|file|io"
        r"|dir|open3"
        r"|buffer|symbol|promise|proxy|marshal|pickle|yaml|shutil|sys|socket|require|net|http)\.[a-z_]{2,20}[\(;]"
        r"|require\([\"']"
        r"|new function\b|%x[({\[]|@[a-z_]{1,15}\([\"']|[a-z]\.[a-z_]{2,20}\([\"'`$\[{]|[\)\]]=>|\$\$nd_func|^(?:var"
        r"|let|const) [a-z_$][a-z0-9_$]{0,20} ?=|try ?\{|(?:escape|jquery|url)\([\"']"
        r"|(?:exports|module|global|globalthis)\.[a-z_]{1,20} ?[=(]"
        r"|import os\b",
        "Objects by which JavaScript, Python or Ruby start programs.",
        stops="process['env']",
        passes="javascript and process engineers, while (away)",
    ),
)

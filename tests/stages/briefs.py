"""What honest people type: briefs of media buyers and of their software, with all that looks like code and is none."""

BRIEFS = r"""
parents shopping for strollers
women 25-34 -- not mothers
women 25-34 - not mothers
men 18-24 (gamers)
moms & dads with kids 2-5
adults 35+ / household income $100k+
50% off shoppers
50% off, 2 for 1, buy-one-get-one
100% cotton bedding buyers
3 1/2 inch drawer pulls
1/2 price pizza lovers
65" tv shoppers
6'
5'6
65"
6'2"
5' 6"
size 10'
#1
1#
12--
tv 55" or 65"
5' 10" tall men
rugs 5'x7' and 8'x10'
size 8 1/2 shoes
AT&T customers
R&D managers in pharma
H&M and Zara shoppers
M&M's fans
B&B guests
S&P 500 investors
Q&A forum readers
rock 'n' roll fans
Rock 'n' Roll and R&B listeners
drum 'n' bass, hip-hop & rap
O'Reilly readers
O'Brien, O'Connor and D'Angelo families
McDonald's vs Wendy's visitors
Levi's jeans; Lands' End; Kohl's
Sotheby's auction bidders
women's health
kids' and teens' clothing
boys' & girls' shoes
teachers' union members
l'oréal customers
L'Oréal Paris and Nivea
d'Artagnan restaurants
people who don't own a car
can't sleep, won't sleep
80's and 90's music
the '90s revival
'luxury' or 'premium' cars
"luxury" and "premium" cars
"first-time home buyers"
"new parents" AND "urban" NOT "suburban"
("suv" OR "truck") AND "family"
(cars OR trucks) AND (new OR used)
select sport shoes
select from our best hotels
select hotels from Spain and Portugal
select comfort mattress owners from the midwest
people who select organic food from local farms
insert coupons and drop shipping
drop shipping stores
drop-off laundry users
price drop alerts
drop us a line
table tennis players
drop leaf table buyers
create table decorations
create a budget, update a budget, delete a budget
update your kitchen
delete old photos app users
union members in Ohio
credit union customers
union jack souvenirs
European Union residents
western union, credit union and bank customers
select union workers
order by phone
order by mail customers
order by friday, get it by monday
people who order by app at least 2 times
group by interest
group travel by bus
having kids under 5
having a baby or adopting
where to eat and drink
where to buy a used car or truck
when to plant tomatoes
what is a 401(k)?
like new phones
likes dogs or cats
between jobs
between 25 and 34 and living in Berlin
age between 18 and 24
is not married
in or near Texas
limit 2 per customer
limited edition sneakers
grant seekers, grant writers
executive coaching
exec assistants (c-level)
execute perfect workouts
declare bankruptcy
procedure: knee replacement
cast iron pans
cast (of actors)
convert to solar
count (of visits) 25+
sleep (mattresses, pillows)
sleep 8 hours a night
sleep apnea (cpap)
wait for it... sales
if (and only if) under 30
tan (water resistant) boots
sin city visitors
greatest (hits)
max (hbo) subscribers
min (2) children
year (2024) models
month(s) of pregnancy
week(s) before wedding
now (2024)
C# developers
C++ and C# programmers
.NET developers
ASP.NET and .NET Core engineers
node.js developers
node.js, vue.js and next.js users
React/Redux engineers
JavaScript: the good parts readers
javascript developers
java developers; java coffee drinkers
python & ruby programmers
php developers
script writers
screen writers and script supervisors
alert fatigue
storm alert(s)
security alerts, weather alerts
prompt service seekers
document management buyers
window shoppers
windows (10 or 11) users
Windows 11 laptop owners
window treatments: blinds; shades; curtains
location: Berlin
top 10 brands; top 5 stores
parent of teens
single parents
frame shops & art supplies
object oriented programmers
image consultants
video editors, audio engineers
style: modern; color: blue
link building agencies
form and function furniture
input devices
body lotion buyers
base jumpers
button-down shirts
title insurance
meta quest owners
on sale = yes
online=yes
brand = true religion
price = low
age=25
age>30
age > 30
income >= 100000
income < 50,000 and age >= 25
cpm <= 3.50
price: $3.50 - $4.00
budget $10k/month
CPM $2-$5
$150k+ households
$1,000+ per month spenders
€50–€100 spenders
£20 or less
¥5000以下
spend > $500
luxury ($$$)
cheap ($) or mid-price ($$)
A$AP Rocky & Ke$ha fans
$AAPL investors
#fitness #health
#1 dad
#MeToo supporters
@nike followers
@home workers
follow @espn or @nba
email: jane.doe@example.com
hello@example.com
/r/gaming readers
/r/gaming
r/personalfinance and r/investing
u/spez
people who read /r/cars and /r/bikes
find /r/gaming readers
watch /r/nba highlights
and/or
kids and/or teens
he/him, she/her, they/them
cars/trucks/SUVs
news/sports/weather
24/7 gyms
w/ kids, w/o pets
n/a
N/A
TCP/IP engineers
CI/CD engineers
A/B testers
home/garden
Home & Garden > Furniture > Sofas
Interest > Food & Drink > Coffee
Automotive > In market > SUV
A > B > C
cars -> trucks
cars => trucks
men -> women
nike.com
nike.com visitors
visitors of nike.com and adidas.com
www.nike.com
https://www.nike.com
https://www.nike.com/running
https://www.nike.com/running?color=red&size=10
http://example.com/readers
https://example.com/path/to/page.html
visited https://www.example.com/shop?cat=shoes&page=2#top in the last 30 days
https://en.wikipedia.org/wiki/SQL_injection
https://www.php.net/manual/en/index.php
youtube.com/watch?v=abc123
https://youtu.be/abc123
app store: https://apps.apple.com/us/app/id12345
bit.ly/3xyz
amazon.co.uk shoppers
java.com visitors
booking.com(hotels)
spotify.com, netflix.com; hulu.com
{"age":"25-34","interests":["sports","news"]}
["cars","trucks"]
["moms", "dads", "kids"]
{"interest": "golf"}
{"spec": "women 25-34", "geo": ["US", "CA"]}
[sports, news, weather]
{kids}
{{campaign.name}}
${AUCTION_PRICE}
%%CLICK_URL%%
[[brand]]
<brand> buyers
<brand name>
<3 dogs
I <3 NY
>:(
:-)
:) happy people
;-)
¯\_(ツ)_/¯
😀 emoji lovers
🏎️ cars 🚗 and 🚲 bikes
👨‍👩‍👧‍👦 families
❤️ romance readers
🇩🇪 Germans
☕ coffee + 🥐 croissants
Frauen 25-34, die Ski fahren
Männer über 40 mit Hund
Eltern von Kleinkindern (0–3 Jahre)
Käufer von E-Bikes & Zubehör
Reisende nach Österreich / Schweiz
Autokäufer, die einen Diesel suchen
junge Eltern – keine Großeltern
"Häuslebauer" in Baden-Württemberg
Größe 38/40
mères de jeunes enfants
amateurs de café à Paris
femmes 25-34 qui n'ont pas d'enfants
l'industrie de l'automobile
où acheter une voiture d'occasion ?
aujourd'hui, demain
propriétaires d'un chien ou d'un chat
mujeres de 25 a 34 años
¿quién compra coches eléctricos?
¡ofertas! 2x1
padres de niños pequeños
aficionados al fútbol y al tenis
compradores de vivienda en México
viajes a España; hoteles baratos
東京の車好き
北京 购物者
автолюбители 25-40
Ελλάδα τουρίστες
محبي السيارات
서울 맛집
ski & snowboard: men/women 18-34
Q4 holiday shoppers
Black Friday/Cyber Monday
Super Bowl LVIII (58) viewers
NFL, NBA, MLB; NHL
F1 / MotoGP
Formula 1(TM) fans
Toys "R" Us shoppers
Dr. Who and Mr. Robot viewers
"Dr. Who" and coffee
"Weird Al" Yankovic
James "Jimmy" Smith
That's two "O"s in "goose"
7-Eleven customers
Yahoo! users
Jeopardy! fans
Panic! At The Disco
Guess? jeans
Who? What? Where?
wow!!!
really???
etc...
cats, dogs, etc.
pots, pans, etc/kitchen
to be or not to be
either/or
true or false quiz fans
true crime and mystery
yes and no questions
1 or 2 kids
1 and 2 year olds
2 or more cars
size 8 or 9
zip 10001 or 10002
10001, 10002, 10003
1,2,3
1-2-3
2+2
2 + 2 = 4
50/50
9-to-5 workers
9/11 memorial visitors
4x4 trucks
4K TVs
3D printers
2:1 ratio
16:9 screens
iOS 17.4
v2.0 upgraders
IPv6 engineers
127 hours fans
192 pages
0% APR
+1 (555) 010-9999
(555) 010-9999
555-0100
2024-01-01 to 2024-12-31
01/02/2024
12:30-14:00
AUTO_INTENDERS_2024_Q1
auto-suv-intenders
SEG_12345|auto|US
name|age|id
sports|news|weather
moms|dads
men; women; kids
men;women;kids
cats;dogs;fish
cats; dogs; fish; time; date; make
lunch & learn; cut & paste; find & replace
cut; color; style
top; bottom; middle
watch; clock; time
mail; phone; chat
sort by price; filter by brand
date night; game night
kill bill fans
touch screen buyers
make a wish donors
head and shoulders users
tail gaters; wine & dine
less sugar, more protein
man cave; she shed
finger food; fish fingers
host families
cat owners; at home; cp travel
ping pong players
echo dot owners; echo park residents
curl enthusiasts (curly hair)
wall art; screen protectors; route planners
ls 300 lexus
GCC residents (Gulf)
NFT collectors; art buyers
Vi customers in India
Nano car owners
awk engineers
bash and zsh users
docker & kubernetes admins
sudo make me a sandwich
which python course is best
git and github users
apt hunters, apt. 5
pip payments
linux admins, ubuntu users
vim or emacs
rm (rail mail) buyers
process engineers; system admins
shell gas stations
shell (gas) and bp
kernel popcorn
root beer floats
root canal patients
home owners; boat owners
admin assistants
user experience designers
password manager users
passport renewals
shadow boxing fans
host a party; get a grant
tmp agency workers
dev ops, dev/ops
var (soccer)
var/VAR soccer debate
bin stores
.com shoppers
.edu addresses
.org donors
a.k.a. digital nomads
U.S.A. and U.K.
e.g. cars; i.e. SUVs
p.m. commuters
St. Patrick's Day
No. 1 fans
vs. mode
self-employed, self employed
self (magazine) readers
this (week) only
open (24 hours)
print (coupons)
write (novels)
import (cars)
fetch (dog toys)
eval (school testing)
confirm (travel) plans
call me maybe
void where prohibited
null and void
not null values
none of the above
undefined benefits
class action
new car; new home
new date night ideas
function rooms for hire
while you wait
for (young) parents
return policy
break-fast (Ramadan)
try/catch fishing
switch (nintendo) owners
case (phone) and covers
default credit
final fantasy players
public (transport) riders
private label brands
static caravans
require assistance
include all, exclude kids
includes: "vegan" excludes: "meat"
"vegan" -meat -fish
shoes -men -kids
running -"trail running"
watch -women
BLUE BROWN -BABY -TODDLER
+organic +local
~10 miles
~50% women
*new* arrivals
**sale**
_new_ customers
5* hotels
4.5* rated
5 * 5 workout
10 x 10 sheds
4 ^ 4
a & b & c
mums & dads && kids
salt || pepper
black|white
black\white
yes \ no
C:D ratio
class C: drivers
type a: blood donors
ratio 4:3
3:16
to: parents; cc: teachers
subject: offers
re: cars
fwd: news
ps: I love you
fans of P!nk, Ke$ha, will.i.am & deadmau5
blink-182; 3OH!3; +44
Sunn O))) fans
!!! (chk chk chk)
deal-seekers (not bargain hunters)
(new) parents
((very) new) parents
[new] parents
parents [0-2]
18-24) or (25-34
age 18–24 — students
“smart quotes” and ‘single ones’
dog's life, dogs’ life
the “O’Brien” family
x² and y³
½ price
¼ inch drill bits
¼ to ¾ inch
20 °C
5 µm filters
№ 1
™ and ® brands
kids ages 3,4,5
kids' ages: 3, 4 & 5
moms w/ 3+ kids; HHI > $75k; no pets
M/F 18-34, HHI $75k+
A18-49; W25-54; M18-34
P13+ / A35-64
DMA: New York, NY (501)
geo=US
country=US;CA
US; CA; MX
lat 40.7, long -74.0
40.7128° N, 74.0060° W
vegan=true
has_kids=true
age_group=25-34
interest=golf&income=high
q=running+shoes
running+shoes
running%20shoes
caf%C3%A9 goers
fish &amp; chips
fish &amp chips
Ben &amp; Jerry&#39;s
<b>bold</b> claims
""".strip().splitlines()

"""Cross-site scripting: markup that runs, attributes that run, addresses that run, and scripts on their own."""

from __future__ import annotations

from service.stages.suspicion_rules.rule import Rule

RULES = (
    Rule(
        "xss",
        "active-element",
        r"<[/?!]? ?(?:script|i?frame(?:set)?|svg|img|image|object|embed|applet|meta|link|base|style|form|input|button"
        r"|video|audio|source|body|html|math|marquee|isindex|xml|xss|bgsound|i?layer|textarea|details|template|animate"
        r"|event-source|set|handler|listener|stylesheet|no(?:script|embed)|plaintext|portal|import|eval|keygen|x"
        r"|title|vmlframe|[a-z]{1,8}:[a-z]{1,12})"
        r"(?![a-z0-9])",
        "An element that loads, runs or restructures a page.",
        stops="<script src=a.js>",
        passes="<3 music lovers",
    ),
    Rule(
        "xss",
        "declaration",
        r"<(?:!--|!\[|!doctype|!entity|!attlist|!element|\?[a-z=])|-->|\]\]>|!(?:entity|attlist)(?![a-z])|(?:^"
        r"|[^a-z])system [\"'][a-z]{1,10}:"
        r"|[\"'`\\]>? ?<[a-z!]|\}\}</",
        "A comment, declaration or section of markup, or a quote that ends an attribute before new markup.",
        stops="--><img",
        passes="a -> b <-> c",
    ),
    Rule(
        "xss",
        "element-with-handler",
        r"<[a-z][^<>]{0,200}[^a-z0-9=]on[a-z]{3,30} ?=",
        "Any element, known or made up, with an attribute that runs when something happens to it.",
        stops="<nobr draggable=true ondragend=run>",
        passes="<median income, on sale = yes",
    ),
    Rule(
        "xss",
        "handler",
        r"(?:^|[\"'`/ >])on(?:abort|activate|after|animation|auxclick|before|begin|blur|canplay|change|click"
        r"|contextmenu|copy"
        r"|cancel|close|composition|cue|cut|dblclick|device|drag|drop|duration|emptied|ended|error|finish|focus"
        r"|formdata|fullscreen"
        r"|gotpointer|hashchange|help|input|invalid|key|load|message|mouse|page|paste|play|pointer"
        r"|popstate|progress|propertychange|ratechange|readystate|repeat|reset|resize|row|scroll|search|seek|select"
        r"|show|slotchange"
        r"|stalled|start|stop|storage|submit|suspend|timeupdate|toggle|touch|transition|unhandled|unload|volume|waiting"
        r"|webkit|wheel)"
        r"[a-z]{0,20} ?= ?[\"'`a-z(&\\]",
        "The same attribute alone, for a page that puts the text inside an element.",
        stops="' onmouseover='run() a='",
        passes="onload testing engineers",
    ),
    Rule(
        "xss",
        "style",
        r"<[a-z][^<>]{0,100}[ /\"']style ?=|(?:^|[^a-z])style ?= ?[\"']?[a-z-]{1,20} ?:|expression\( ?[a-z]{0,20}[(:]"
        r"|-moz-binding|behaviou?r ?: ?url"
        r"|@import ?[\"'u]"
        r"|url ?\( ?[\"']?(?:javascript|data:|//|xx)|(?:href|src|srcdoc|formaction|action|poster|background"
        r"|http-equiv|dynsrc|lowsrc) ?= ?[\"']?(?:javascript|data:|//|url|refresh)|(?:^"
        r"|[^a-z])(?:xmlns(?::[a-z]{1,10})?=|xlink:href|formaction|srcdoc|fscommand)|<[a-z][^<>]{0,60}[ /](?:src|srcset"
        r"|data|code|codebase|background|lowsrc|longdesc) ?=|;base64,",
        "Style sheets that run script, load a page or lay a cover over this one.",
        stops="<div style='width:expression(run(1))'>",
        passes="style = modern, facial expression (smile)",
    ),
    Rule(
        "xss",
        "script-address",
        r"(?!java ?script)j ?a ?v ?a ?s ?c ?r ?i ?p ?t ?:|(?:j ?a ?v ?a|v ?b"
        r"|l ?i ?v ?e) ?s ?c ?r ?i ?p ?t ?: ?[a-z0-9_.:$\"'/*-]{0,40}[(=\[`&;\\]|javascript:/[/*]",
        "An address whose scheme runs it, blanks inside the scheme included.",
        stops="java script:alert(1)",
        passes="javascript: the definitive guide",
    ),
    Rule(
        "xss",
        "document-address",
        r"data: ?(?:text/(?:html|xml|javascript)|image/svg|application/x|[a-z/]{0,30};? ?base64_?,|,\*\{)|mhtml:http"
        r"|(?:vbscript|livescript|mocha):[a-z]|view-source:[a-z]|data:,[a-z<]"
        r"|feed:j",
        "An address that carries a whole document with it.",
        stops="data:text/html;base64,PHN2Zz4=",
        passes="first-party data: text messages",
    ),
    Rule(
        "xss",
        "script-call",
        r"(?<![a-z0-9_])(?:alert|prompt|confirm|eval|write|fetch|print|open|import)(?:\?\.)?"
        r"(?:`|\( ?(?:[0-9\"'`/)\\$&]|document|window|string|this|self|location|code|xss|[a-z]{1,12}[.(,\[]))",
        "A call that attackers use to show that their script runs.",
        stops="-alert(1)-",
        passes="storm alert(s) subscribers",
    ),
    Rule(
        "xss",
        "browser-function",
        r"(?<![a-z0-9])(?:atob|btoa|set(?:timeout|interval|immediate)|(?:de|en)codeuri(?:component)?|unescape|parseint"
        r"|requestanimationframe|queuemicrotask|execscript|msgbox|addeventlistener|createelement|appendchild"
        r"|getelement(?:s?by[a-z]{2,9})|queryselector(?:all)?|postmessage|fromcharcode|innerhtml"
        r"|outerhtml)(?:\?\.)? ?[(=`\[]",
        "A function that only a browser or a script engine has.",
        stops="setinterval(code, 1)",
        passes="set interval training (hiit)",
    ),
    Rule(
        "xss",
        "browser-object",
        r"(?<![a-z0-9])(?:document|window|self|top|parent|frames|this|globalthis|location|navigator|history"
        r"|[a-z]storage)"
        r"(?:\?\.|\.| ?\[ ?[\"'][\"' ]?)(?:cookie|domain|location|write|open|href|body|create|get[a-z]|queryse|alert"
        r"|eval|al\b"
        r"|src|\$|top\b|name\b|fetch|frames|parent|self|document|window|local|session|referrer|url|forms|head\b"
        r"|assign|replace"
        r"|constructor|prompt|confirm|on[a-z]{3,12} ?=|set[a-z]|push|hash|search)|string ?\. ?fromcharcode"
        r"|xmlhttprequest|localstorage|sessionstorage|indexeddb|globalthis|fromcharcode"
        r"|activexobject|\.(?:parentnode|innerhtml|outerhtml|cookie|insertbefore|appendchild|fromcharcode|nodevalue"
        r"|contentwindow|srcdoc|valueof|(?:tostring|join|concat|charat|call|apply|bind|map|foreach|filter|find|sort"
        r"|reduce)[(`])|(?<![a-z0-9])(?:document|window|self|top|parent|frames|this"
        r"|globalthis)\)? ?\[ ?[a-z0-9+(\"\'`/]|(?:^|[^a-z0-9])\$(?:\.[a-z]|\[[\"'`])|\.source\b|\.constructor`"
        r"|\.constructor ?[(\[.]|\[ ?[\"']constructor",
        "The objects of a browser by which a script reads cookies or changes the page.",
        stops="top['al'+'ert'](1)",
        passes="Single parent. Get them in the car window. Open late",
    ),
    Rule(
        "xss",
        "script-without-names",
        r"!\[\]|!\+\[|\[\]\[|\[\]\.[a-z]|\[[0-9]\]\.[a-z]{1,12}\(|[=(,](?:alert|prompt|confirm)[,)]"
        r"|(?<![a-z])function ?\([\"'`]|&\{"
        r"|[\"'][a-z]{1,5}[\"'] ?\+ ?[\"'][a-z]{1,6}[\"'] ?[\])]",
        "Script made of brackets and pieces, or a function handed on by name, to get past lists of words.",
        stops="[8].find(confirm)",
        passes="sizes [S] [M], price = alert",
    ),
    Rule(
        "xss",
        "broken-out-script",
        r"[\"'}*)] ?[;,+*/-]? ?(?:alert|prompt|confirm|eval) ?[(`]|/\*-/\*`|^\\?[\"'][;+-]{1,2} ?[a-z.]{2,20} ?[(`]",
        "A quote or brace that ends the page's own script and goes on with another.",
        stops="'}alert(/x/);{'",
        passes="moms} alerts; prompt service",
    ),
    Rule(
        "xss",
        "hidden-bracket",
        r"&(?:amp;)?#(?:x0{0,7}3[ce]|x0{2,7}[0-9a-f]{2}|0{0,7}6[02]|0{2,7}[0-9]{3})(?![0-9a-f])|&lt;[/!a-z]|\+ad[wxy4]-"
        r"|%3c(?:s"
        r"|/s|img|%73)",
        "An angle bracket or letter written as a number, mostly with useless zeros, to hide it.",
        stops="&#x000003c",
        passes="laptop case 14&#39;",
    ),
)

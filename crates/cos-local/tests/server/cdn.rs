//! The CDN: what it keeps and for how long, what it reads of the bucket, and what it lets in.

use std::sync::Barrier;

use cos_local::CdnConfig;
use serde_json::{Value, json};

use crate::client::*;

const DOMAIN: &str = "cdn.example.com";
const KEY: &str = "keyOfTheDomain42";

/// A server whose bucket has a domain, with more lines in its table.
fn start(lines: &str) -> Local {
    start_with_cache(64 << 20, lines)
}

fn start_with_cache(bytes: u64, lines: &str) -> Local {
    Local::start_with(|config| {
        let text = format!(
            "cache-bytes = {bytes}\n\
             [[domain]]\nname = '{DOMAIN}'\nbucket = '{BUCKET}'\nttl = 600\n{lines}"
        );
        config.cdn = CdnConfig::parse(&text).expect("a configuration");
    })
}

/// Stores an object, however late it is on the server's clock.
fn put(server: &Local, path: &str, body: impl Into<Vec<u8>>, headers: &[(&str, &str)]) {
    let ask = Ask::new("PUT", path).body(body).span(now() - 60, now() + 400 * 86_400);
    let ask = headers.iter().fold(ask, |ask, (name, value)| ask.header(name, value));
    assert_eq!(server.send(&ask).status, 200);
}

fn get(path: &str) -> Ask {
    Ask::new("GET", path).host(DOMAIN).unsigned()
}

/// Where an answer came from, and its body.
fn looked_up(answer: &Answer) -> (&str, String) {
    (answer.header("X-Cache-Lookup").unwrap_or_default(), answer.text())
}

/// Reads of the bucket, and bytes: pulled by the CDN, and sent by it.
fn pulls(server: &Local) -> (u64, u64, u64) {
    let usage = server.usage();
    let number = |name: &str| usage[name].as_u64().expect("a number");
    assert_eq!(number("downstreamBytes"), 0, "nothing leaves by the bucket's host");
    (number("readRequests"), number("cdnOriginBytes"), number("cdnBytes"))
}

#[test]
fn a_private_bucket_is_read_once() {
    let server = start("");
    put(&server, "/a%20b.txt", "hello", &[("Content-Type", "text/x-test")]);
    let first = server.send(&get("/a%20b.txt"));
    assert_eq!((first.status, looked_up(&first)), (200, ("Cache Miss", "hello".into())));
    assert_eq!((first.header("Content-Type"), first.header("Age")), (Some("text/x-test"), None));
    assert_eq!(first.header("Cache-Control"), Some("max-age=600"), "as Tencent's CDN adds it");
    let begun = now();
    server.clock.advance(5);
    let again =
        server.send(&get("/a b.txt".replace(' ', "%20").as_str()).host("CDN.example.com:80"));
    assert_eq!((again.status, looked_up(&again)), (200, ("Cache Hit", "hello".into())));
    let age: i64 = again.header("Age").and_then(|age| age.parse().ok()).expect("an age");
    assert!((5..=6 + now() - begun).contains(&age), "{age}");
    assert_eq!(again.header("ETag"), first.header("ETag"));
    assert_eq!(pulls(&server), (1, 5, 10));
}

#[test]
fn the_default_domain_of_the_bucket_works_likewise() {
    let server = start("");
    put(&server, "/a", "hello", &[]);
    let default = format!("{BUCKET}.file.myqcloud.com");
    assert_eq!(server.send(&get("/a").host(&default)).text(), "hello");
    let without = server.send(&get("/a").host("other-1250000000.file.myqcloud.com"));
    assert_refused(&without, 404, "NoSuchBucket");
}

#[test]
fn an_entry_lapses_and_is_renewed_if_nothing_changed() {
    let server = start("");
    put(&server, "/a", "old", &[]);
    let body = || looked_up(&server.send(&get("/a"))).1;
    assert_eq!(body(), "old");
    put(&server, "/a", "new", &[]);
    server.clock.advance(300);
    assert_eq!((body().as_str(), pulls(&server).1), ("old", 3), "kept, whatever the bucket has");
    server.clock.advance(300);
    assert_eq!((body().as_str(), pulls(&server).1), ("new", 6));
    server.clock.advance(600);
    let renewed = server.send(&get("/a"));
    assert_eq!(looked_up(&renewed), ("Cache Miss", "new".into()));
    assert_eq!((pulls(&server).0, pulls(&server).1), (3, 6), "asked, and nothing was sent");
    server.clock.advance(300);
    assert_eq!(looked_up(&server.send(&get("/a"))).0, "Cache Hit");
}

#[test]
fn the_object_says_how_long_it_may_be_kept() {
    let server = start("");
    for (path, control) in
        [("/never", "no-store"), ("/short", "max-age=60"), ("/long", "max-age=6000")]
    {
        put(&server, path, "x", &[("Cache-Control", control)]);
    }
    let lookup = |path: &str| looked_up(&server.send(&get(path))).0.to_owned();
    let lookups = || ["/never", "/short", "/long"].map(&lookup);
    assert_eq!(lookups(), ["Cache Miss"; 3]);
    assert_eq!(lookups(), ["Cache Miss", "Cache Hit", "Cache Hit"]);
    server.clock.advance(61);
    assert_eq!(lookups(), ["Cache Miss", "Cache Miss", "Cache Hit"]);
    server.clock.advance(600);
    assert_eq!(lookup("/long"), "Cache Miss", "the domain's ttl is the longest");
}

#[test]
fn what_is_absent_is_so_for_ten_seconds() {
    let server = start("");
    assert_refused(&server.send(&get("/a")), 404, "NoSuchKey");
    put(&server, "/a", "here", &[]);
    let absent = server.send(&get("/a"));
    assert_eq!((absent.status, looked_up(&absent).0), (404, "Cache Hit"));
    server.clock.advance(11);
    assert_eq!(server.send(&get("/a")).text(), "here");
}

#[test]
fn parts_conditions_and_heads_come_from_what_is_kept() {
    let server = start("");
    let body = content(1000);
    put(&server, "/a", body.clone(), &[]);
    let head = server.send(&Ask { method: "HEAD".into(), ..get("/a") });
    assert_eq!(
        (head.status, head.header("Content-Length"), head.body.len()),
        (200, Some("1000"), 0)
    );
    let tag = head.header("ETag").expect("a tag").to_owned();

    let part = server.send(&get("/a").header("Range", "bytes=10-19"));
    assert_eq!((part.status, part.header("X-Cache-Lookup")), (206, Some("Cache Hit")));
    assert_eq!(
        (part.body.as_slice(), part.header("Content-Range")),
        (&body[10..20], Some("bytes 10-19/1000"))
    );
    let changed = get("/a").header("Range", "bytes=10-19").header("If-Range", "\"other\"");
    assert_eq!(server.send(&changed).body.len(), 1000);
    let outside = server.send(&get("/a").header("Range", "bytes=1000-"));
    assert_refused(&outside, 416, "InvalidRange");
    assert_eq!(outside.header("X-Cache-Lookup"), Some("Cache Hit"));

    let same = server.send(&get("/a").header("If-None-Match", &tag));
    assert_eq!((same.status, same.body.len()), (304, 0));
    assert_refused(
        &server.send(&get("/a").header("If-Match", "\"other\"")),
        412,
        "PreconditionFailed",
    );
    assert_eq!((pulls(&server).0, pulls(&server).1), (1, 1000));
    assert_refused(
        &server.send(&Ask { method: "PUT".into(), ..get("/a") }),
        405,
        "MethodNotAllowed",
    );
}

#[test]
fn the_query_is_a_part_of_the_name() {
    let server = start("");
    put(&server, "/a", "hello", &[]);
    let named = |query: &str| {
        let answer = server.send(&get(&format!("/a{query}")));
        (looked_up(&answer).0.to_owned(), answer.header("Content-Type").map(str::to_owned))
    };
    let json = "?response-content-type=application%2Fjson";
    assert_eq!(named("").0, "Cache Miss");
    assert_eq!(named(json), ("Cache Miss".into(), Some("application/json".into())));
    assert_eq!(named(json).0, "Cache Hit");
    assert_ne!(named("").1, named(json).1);
    let list = server.send(&get("/a?acl"));
    assert_eq!(
        (list.status, list.text().as_str()),
        (200, "hello"),
        "the CDN reads objects, no more"
    );
}

#[test]
fn of_many_at_once_one_reads_the_bucket() {
    const CLIENTS: usize = 16;
    let server = start("");
    let body = content(3 << 20);
    put(&server, "/a", body.clone(), &[]);
    let begin = Barrier::new(CLIENTS);
    std::thread::scope(|scope| {
        for _ in 0..CLIENTS {
            scope.spawn(|| {
                begin.wait();
                assert_eq!(server.send(&get("/a")).body, body);
            });
        }
    });
    let size = body.len() as u64;
    assert_eq!(pulls(&server), (1, size, size * CLIENTS as u64));
}

#[test]
fn what_is_too_large_passes_through() {
    let server = start_with_cache(1 << 20, "");
    let body = content(1 << 20);
    put(&server, "/a", body.clone(), &[]);
    for _ in 0..2 {
        let answer = server.send(&get("/a"));
        assert_eq!(
            (answer.header("X-Cache-Lookup"), answer.body.len()),
            (Some("Cache Miss"), 1 << 20)
        );
    }
    let part = server.send(&get("/a").header("Range", "bytes=10-19"));
    assert_eq!((part.status, part.body.as_slice()), (206, &body[10..20]));
    let head = server.send(&Ask { method: "HEAD".into(), ..get("/a") });
    assert_eq!((head.status, head.header("Content-Length")), (200, Some("1048576")));
    assert_eq!(pulls(&server), (4, (2 << 20) + 10, (2 << 20) + 10), "only what was asked for");
}

/// The URL of an object of the domain, signed at a time.
fn signed(kind: &str, path: &str, time: i64) -> String {
    let hash = |text: String| md5(text.as_bytes());
    match kind {
        "A" => format!("{path}?sign={time}-r4nd-0-{}", hash(format!("{path}-{time}-r4nd-0-{KEY}"))),
        // In China it is eight hours later.
        "B" => {
            let (days, minutes) = ((time + 28_800) / 86_400, (time + 28_800) % 86_400 / 60);
            let date = civil(days).replace('-', "");
            let minute = format!("{date}{:02}{:02}", minutes / 60, minutes % 60);
            format!("/{minute}/{}{path}", hash(format!("{KEY}{minute}{path}")))
        }
        "C" => format!("/{}/{time:x}{path}", hash(format!("{KEY}{path}{time:x}"))),
        _ => format!("{path}?sign={}&t={time}", hash(format!("{KEY}{path}{time}"))),
    }
}

/// The date of a number of days since 1970.
fn civil(days: i64) -> String {
    let (mut year, mut left) = (1970, days);
    let leap = |year: i64| i64::from(year % 4 == 0 && (year % 100 != 0 || year % 400 == 0));
    while left >= 365 + leap(year) {
        left -= 365 + leap(year);
        year += 1;
    }
    let lengths = [31, 28 + leap(year), 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];
    let mut month = 0;
    while left >= lengths[month] {
        left -= lengths[month];
        month += 1;
    }
    format!("{year:04}-{:02}-{:02}", month + 1, left + 1)
}

#[test]
fn a_domain_lets_in_what_is_signed_as_it_asks() {
    for kind in ["A", "B", "C", "D"] {
        let server = start(&format!(
            "[domain.authentication]\ntype = '{kind}'\nkey = '{KEY}'\nvalid = 1800\n"
        ));
        put(&server, "/a%2Bb", "hello", &[]);
        let refused = |path: &str| {
            let answer = server.send(&get(path));
            assert_refused(&answer, 403, "AccessDenied");
            assert!(!answer.text().contains(KEY));
            answer.element("Message").expect("a sentence")
        };
        let url = signed(kind, "/a%2Bb", now());
        let answer = server.send(&get(&url));
        assert_eq!((answer.status, answer.text().as_str()), (200, "hello"), "{kind}");
        let other = signed(kind, "/a%2Bb", now() - 120);
        assert_eq!(looked_up(&server.send(&get(&other))).0, "Cache Hit", "{kind}");
        assert!(refused(&url.replace("a%2Bb", "b")).contains("not that of"), "{kind}");
        assert!(refused("/a%2Bb").contains("sign"), "{kind}");
        assert!(refused(&signed(kind, "/a%2Bb", now() - 1900)).contains("expired"), "{kind}");
        server.clock.advance(3600);
        assert!(refused(&url).contains("expired"), "{kind}: kept is not let in");
        assert_eq!(pulls(&server).1, 5, "{kind}");

        let (_, told) = server.ask_json(&format!("/cdn?bucket={BUCKET}"));
        let expected = json!({ "type": kind, "key": KEY, "valid": 1800, "signParam": "sign",
            "timeParam": "t", "timeFormat": "dec" });
        assert_eq!(told, json!({ "domain": DOMAIN, "authentication": expected }));
    }
}

#[test]
fn a_bucket_remembers_since_when_it_is_accelerated() {
    let plain = Local::start();
    let (status, told) = plain.ask_json(&format!("/cdn?bucket={BUCKET}"));
    assert_eq!((status, &told["code"]), (404, &json!("NoSuchBucket")), "{told}");
    let folder = plain.stop();
    let with_cdn = |name: &str| {
        let text = format!("[[domain]]\nname = '{name}'\nbucket = '{BUCKET}'");
        CdnConfig::parse(&text).expect("a configuration")
    };
    let default = with_cdn(&format!("{BUCKET}.file.myqcloud.com"));
    let begun = now();
    let server = Local::start_in(folder, |config| config.cdn = default);
    let usage = server.usage();
    let activated = usage["cdnActivated"].as_i64().expect("a time");
    assert!((begun * 1000..=now() * 1000).contains(&activated));
    assert_eq!(usage["domainBound"], Value::Null, "the default domain is not the developer's own");
    let own = with_cdn(DOMAIN);
    let server = Local::start_in(server.stop(), |config| {
        config.cdn = own;
        config.clock_offset = 86_400;
    });
    let bound = server.usage()["domainBound"].as_i64().expect("a time");
    assert!(bound >= activated + 86_400_000);
    let (_, told) = server.ask_json(&format!("/cdn?bucket={BUCKET}"));
    assert_eq!(told, json!({ "domain": DOMAIN, "authentication": null }));
    let usage = server.restart().usage();
    assert_eq!((&usage["cdnActivated"], &usage["domainBound"]), (&json!(activated), &json!(bound)));
}

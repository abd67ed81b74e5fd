//! Requests from web pages.

use crate::client::*;

const PAGE: &str = "https://www.example.com";

fn preflight(local: &Local, origin: &str, method: &str, headers: &str) -> Answer {
    let ask = Ask::new("OPTIONS", "/k").unsigned().header("Origin", origin);
    let ask = ask.header("Access-Control-Request-Method", method);
    local.send(&match headers {
        "" => ask,
        headers => ask.header("Access-Control-Request-Headers", headers),
    })
}

fn get(local: &Local, path: &str, origin: &str) -> Answer {
    local.send(&Ask::new("GET", path).header("Origin", origin))
}

fn rule(local: &Local, inner: &str) -> Answer {
    let body = format!("<CORSConfiguration>{inner}</CORSConfiguration>");
    local.send(&Ask::new("PUT", "/?cors").body(body))
}

const RULE: &str = "<CORSRule><AllowedOrigin>https://*.example.com</AllowedOrigin>\
                    <AllowedMethod>GET</AllowedMethod><AllowedMethod>PUT</AllowedMethod>\
                    <AllowedHeader>x-cos-meta-*</AllowedHeader>\
                    <AllowedHeader>Content-MD5</AllowedHeader><ExposeHeader>ETag</ExposeHeader>\
                    <ExposeHeader>x-cos-request-id</ExposeHeader>\
                    <MaxAgeSeconds>300</MaxAgeSeconds></CORSRule>";

#[test]
fn pages_of_this_machine_may_ask_and_see_everything() {
    let local = Local::start();
    let origin = "http://127.0.0.1:5173";
    let asked = "authorization,content-md5,x-cos-meta-a";
    let allowed = preflight(&local, origin, "PUT", asked);
    assert_eq!(allowed.status, 200);
    assert_eq!(allowed.header("Access-Control-Allow-Origin"), Some("*"));
    let methods = allowed.header("Access-Control-Allow-Methods").expect("methods");
    assert!(methods.contains("PUT"));
    assert_eq!(allowed.header("Access-Control-Allow-Headers"), Some(asked));

    local.send(&Ask::new("PUT", "/k").header("x-cos-meta-a", "b").body("x"));
    for answer in [get(&local, "/k", origin), get(&local, "/absent", "http://localhost")] {
        assert_eq!(answer.header("Access-Control-Allow-Origin"), Some("*"));
        let exposed = answer.header("Access-Control-Expose-Headers").expect("a list");
        let exposed: Vec<_> = exposed.split(", ").collect();
        for (name, _) in &answer.headers {
            let known = exposed.contains(&name.to_lowercase().as_str());
            assert!(
                known || name == "Connection" || name == "Access-Control-Expose-Headers",
                "{name}"
            );
        }
    }
    assert_eq!(rule(&local, RULE).status, 200);
    assert_eq!(preflight(&local, origin, "DELETE", "").status, 200);
}

#[test]
fn pages_from_elsewhere_need_a_rule() {
    let local = Local::start();
    local.put("/k", "x");
    let seen = |local: &Local, origin: &str| {
        get(local, "/k", origin).header("Access-Control-Allow-Origin").map(str::to_owned)
    };
    assert_refused(&preflight(&local, PAGE, "PUT", ""), 403, "AccessForbidden");
    assert_eq!(seen(&local, PAGE), None);
    assert_eq!(rule(&local, RULE).status, 200);
    assert_eq!(seen(&local, PAGE).as_deref(), Some(PAGE));

    let allowed = preflight(&local, PAGE, "PUT", "content-md5, X-Cos-Meta-A");
    assert_eq!(allowed.status, 200);
    for (name, value) in [
        ("Access-Control-Allow-Origin", PAGE),
        ("Access-Control-Allow-Methods", "GET,PUT"),
        ("Access-Control-Allow-Headers", "content-md5,X-Cos-Meta-A"),
        ("Access-Control-Expose-Headers", "ETag,x-cos-request-id"),
        ("Access-Control-Max-Age", "300"),
    ] {
        assert_eq!(allowed.header(name), Some(value), "{name}");
    }
    for (origin, method, headers) in [
        ("http://www.example.com", "PUT", ""),
        ("https://www.example.org", "PUT", ""),
        (PAGE, "DELETE", ""),
        (PAGE, "PUT", "content-md5,authorization"),
    ] {
        assert_refused(&preflight(&local, origin, method, headers), 403, "AccessForbidden");
    }
    assert_eq!(seen(&local, "https://www.example.org"), None);
    let error = get(&local, "/absent", PAGE);
    assert_eq!(error.header("Access-Control-Allow-Origin"), Some(PAGE));
    assert_eq!(error.header("Access-Control-Expose-Headers"), Some("ETag,x-cos-request-id"));
    assert_eq!(local.send(&Ask::new("DELETE", "/?cors")).status, 204);
    assert_refused(&preflight(&local, PAGE, "PUT", ""), 403, "AccessForbidden");
}

#[test]
fn the_first_rule_that_fits_counts() {
    let local = Local::start();
    let open = "<CORSRule><AllowedOrigin>*</AllowedOrigin><AllowedMethod>GET</AllowedMethod>\
                <AllowedMethod>POST</AllowedMethod><AllowedHeader>*</AllowedHeader></CORSRule>";
    rule(&local, &format!("{RULE}{open}<ResponseVary>true</ResponseVary>"));
    let allowed = preflight(&local, PAGE, "POST", "anything");
    assert_eq!(allowed.header("Access-Control-Allow-Origin"), Some("*"));
    assert_eq!(allowed.header("Access-Control-Allow-Headers"), Some("anything"));
    assert_eq!(allowed.header("Access-Control-Max-Age"), None);
    assert!(
        allowed.headers.iter().any(|(name, value)| {
            name.eq_ignore_ascii_case("vary") && value.starts_with("Origin")
        })
    );
    let first = preflight(&local, PAGE, "GET", "content-md5");
    assert_eq!(first.header("Access-Control-Allow-Origin"), Some(PAGE));
}

#[test]
fn rules_are_checked_as_they_are_set() {
    let local = Local::start();
    for inner in [
        "",
        "<CORSRule/>",
        "<CORSRule><AllowedOrigin>*</AllowedOrigin></CORSRule>",
        "<CORSRule><AllowedMethod>GET</AllowedMethod></CORSRule>",
        "<CORSRule><AllowedOrigin>*</AllowedOrigin><AllowedMethod>PATCH</AllowedMethod></CORSRule>",
    ] {
        assert_refused(&rule(&local, inner), 400, "MalformedXML");
    }
    assert_refused(&local.send(&Ask::new("GET", "/?cors")), 404, "NoSuchCORSConfiguration");
    rule(&local, RULE);
    let got = local.send(&Ask::new("GET", "/?cors"));
    assert!(got.text().ends_with(&format!("<CORSConfiguration>{RULE}</CORSConfiguration>")));
}

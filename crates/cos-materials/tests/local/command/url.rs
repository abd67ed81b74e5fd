//! `url`.

use std::net::SocketAddr;

use cos_local::{CdnConfig, Config, Credential, Server};

use crate::place::{BUCKET, ID, KEY, bytes};
use crate::scene::{CDN_KEY, Scene};

/// Opens plain HTTP URLs, whatever host they name, at one server.
fn browser(server: SocketAddr) -> reqwest::Client {
    let _ = rustls::crypto::ring::default_provider().install_default();
    let proxy = reqwest::Proxy::http(format!("http://{server}")).unwrap();
    reqwest::Client::builder().no_proxy().proxy(proxy).build().unwrap()
}

/// A server with the bucket and, before it, a CDN domain that authenticates URLs.
async fn cdn(folder: &std::path::Path, authentication: &str) -> SocketAddr {
    let mut config = Config::new(folder);
    config.buckets.push(BUCKET.to_owned());
    config.credential = Some(Credential { secret_id: ID.to_owned(), secret_key: KEY.to_owned() });
    let domain = format!(
        "[[domain]]\nname = \"cdn.example.com\"\nbucket = \"{BUCKET}\"\nttl = 600\n\
         [domain.authentication]\n{authentication}key = \"{CDN_KEY}\"\n"
    );
    config.cdn = CdnConfig::parse(&domain).unwrap();
    let server = Server::bind(config).await.unwrap();
    let address = server.local_addr();
    tokio::spawn(server.serve(std::future::pending()));
    address
}

#[tokio::test(flavor = "multi_thread")]
async fn a_cdn_that_authenticates_urls_takes_those_of_every_type() {
    for authentication in [
        "type = \"A\"\nvalid = 1800\n",
        "type = \"B\"\nvalid = 1800\n",
        "type = \"C\"\nvalid = 1800\n",
        "type = \"D\"\nvalid = 1800\n",
        "type = \"D\"\nvalid = 1800\ntime-format = \"hex\"\nsign-param = \"s\"\ntime-param = \"when\"\n",
    ] {
        let domain = "[domain]\nuse = \"cdn\"\ncdn = \"http://cdn.example.com\"\n";
        let scene = Scene::new(&format!("{domain}[domain.authentication]\n{authentication}")).await;
        let server = cdn(&scene.place.folder.path().join("cdn"), authentication).await;
        scene.write("materials/图 1.png", bytes(100));
        scene.run_at(server, &["push"]).done();
        let document = scene.run_at(server, &["url", "图 1.png", "--json"]).done().json();
        let url = document["url"].as_str().unwrap();
        let answer = browser(server).get(url).send().await.unwrap();
        assert_eq!(answer.status().as_u16(), 200, "{authentication}");
        assert_eq!(answer.bytes().await.unwrap(), bytes(100));
        let plain = format!("http://cdn.example.com/{}", scene.key("图 1.png"));
        let refused = browser(server).get(plain).send().await.unwrap();
        assert_eq!(refused.status().as_u16(), 403, "{authentication}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_temporary_url_opens_a_private_object_for_a_while() {
    let scene = Scene::new("").await;
    scene.write("materials/a.png", bytes(100));
    scene.run(&["push"]).done();
    let document = scene.run(&["url", "a.png", "--expires", "120", "--json"]).done().json();
    let url = document["url"].as_str().unwrap();
    let times = url.split_once("q-sign-time=").unwrap().1.split('&').next().unwrap();
    let (start, end) = times.split_once(';').unwrap();
    assert_eq!(end.parse::<u64>().unwrap() - start.parse::<u64>().unwrap(), 120);
    assert_eq!(document["key"], scene.key("a.png"));
    assert!(document["expires"].is_u64());
    let http = browser(scene.place.server);
    let answer = http.get(url).send().await.unwrap();
    assert_eq!(answer.bytes().await.unwrap(), bytes(100));
    let answer = http.get(url.split('?').next().unwrap()).send().await.unwrap();
    assert_eq!(answer.status().as_u16(), 403);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_other_domains_are_one_option_away() {
    let authentication =
        "[domain]\ncdn = \"cdn.example.com\"\n[domain.authentication]\ntype = \"A\"\n";
    let scene = Scene::new(authentication).await;
    scene.write("materials/图.png", bytes(100));
    scene.run(&["push"]).done();
    let cos = scene.run(&["url", "图.png", "--domain", "cos"]).done().stdout;
    let base = "https://demo-1250000000.cos.ap-guangzhou.myqcloud.com/materials/%E5%9B%BE.";
    assert!(cos.starts_with(base) && cos.ends_with(".png\n"), "{cos}");
    let cdn = scene.run(&["url", "图.png", "--domain", "cdn"]).done().stdout;
    let (path, signature) = cdn.trim().split_once("?sign=").unwrap();
    assert!(path.starts_with("https://cdn.example.com/materials/%E5%9B%BE."), "{path}");
    assert_eq!(signature.split('-').count(), 4, "{signature}");
    let mut keyless = scene.command(scene.place.server, &["url", "图.png", "--domain", "cdn"]);
    let output = keyless.env_remove("COS_CDN_KEY").output().unwrap();
    assert_eq!(output.status.code(), Some(2));
    assert!(String::from_utf8(output.stderr).unwrap().contains("COS_CDN_KEY"));
    scene
        .run(&["url", "图.png", "--domain", "cos", "--expires", "60"])
        .refused(2, &["--domain temporary"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_pushed_last_is_what_a_url_leads_to() {
    let scene = Scene::new("[domain]\nuse = \"cos\"\n").await;
    scene.write("materials/a.png", "1");
    let before = scene.run(&["url", "a.png"]).done();
    assert!(before.stderr.contains("has not been pushed yet"), "{}", before.stderr);
    scene.run(&["push"]).done();
    scene.write("materials/a.png", "2");
    let after = scene.run(&["url", "a.png"]).done();
    assert_eq!((after.stdout, after.stderr.as_str()), (before.stdout, ""));
    scene.run(&["url", "b.png"]).refused(2, &["no material b.png"]);
}

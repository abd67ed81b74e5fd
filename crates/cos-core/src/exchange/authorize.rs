//! Getting a request authorized: with the client's key, a temporary key, or the application's
//! signature.

use crate::context::{Context, Waiter};
use crate::credential::{Extras, Grant, Keys, Question, Scope, question};
use crate::effect::Effect;
use crate::error::{Error, ErrorKind, headers_value};
use crate::options::Options;
use crate::request::{Draft, RETRY_HEADER, header, set_header};
use crate::sign::{self, Unsigned, key_time};
use crate::value::{Value, number_text};

/// Milliseconds that the application may take to answer: a callback that never comes must not
/// leave calls waiting for ever.
const PATIENCE: f64 = 60_000.0;

/// Validity of a signature made with a permanent key, seconds.
const VALIDITY: f64 = 900.0;

/// The secrets for one signature, and what travels along.
struct Signer<'a> {
    secret_id: &'a str,
    secret_key: &'a str,
    token: &'a str,
    extras: Extras,
    key_time: String,
}

impl Context {
    /// Gets a credential for an exchange and, once there is one, sends it.
    pub(crate) fn authorize(&mut self, id: u32) {
        let Some(exchange) = self.exchanges.get_mut(&id) else { return };
        exchange.began = exchange.began.min(self.now);
        if exchange.attempt > 0 {
            set_header(&mut exchange.draft.headers, RETRY_HEADER, "true".to_owned());
        }
        let scope = exchange.scope();
        if !self.options.asks_application {
            self.sign_with_options(id);
        } else if let Some(keys) = self.credentials.find(&scope, self.now) {
            if keys.is_ending(self.now) && !self.credentials.join(&scope, None) {
                self.ask_application(id, scope, Vec::new());
            }
            self.sign_with_keys(id, &keys);
        } else if !self.credentials.join(&scope, Some(id)) {
            self.ask_application(id, scope, vec![id]);
        }
    }

    /// Asks for a credential for an exchange, and maybe only for those after it.
    fn ask_application(&mut self, id: u32, scope: Scope, waiting: Vec<u32>) {
        let Some(exchange) = self.exchanges.get(&id) else { return };
        let draft = &exchange.draft;
        let headers = signed_headers(draft, &exchange.host(&self.options), &self.options);
        let path = draft.signed_path(&self.options);
        let request = question(&scope)
            .with("Method", draft.method.as_str())
            .with("Key", path.strip_prefix('/').unwrap_or_default())
            .with("Pathname", path.as_str())
            .with("Query", headers_value(&draft.signed_query()))
            .with("Headers", headers_value(&headers))
            .with("SystemClockOffset", self.options.clock_offset)
            .with("ForceSignHost", self.options.force_sign_host && !draft.leaves_host_out);
        let answer = self.await_answer(Waiter::Credential);
        let limit = self.await_answer(Waiter::CredentialLimit(answer));
        self.credentials.ask(Question { id: answer, limit, scope, waiting, asked: self.now });
        self.emit(Effect::Authorize { id: answer, request });
        self.emit(Effect::Timer { id: limit, delay: PATIENCE });
    }

    /// The application has had its time to answer. An app that was frozen meanwhile had none.
    pub(crate) fn end_question(&mut self, id: u32) {
        let now = self.now;
        match self.credentials.question(id) {
            Some(question) if now - question.asked > 2.0 * PATIENCE => {
                let limit = self.await_answer(Waiter::CredentialLimit(id));
                if let Some(question) = self.credentials.question(id) {
                    (question.limit, question.asked) = (limit, now);
                }
                self.emit(Effect::Timer { id: limit, delay: PATIENCE });
            }
            _ => self.handle_credential(
                id,
                Err("getAuthorization did not call back within a minute".to_owned()),
            ),
        }
    }

    /// The application answered, or failed to.
    pub(crate) fn handle_credential(&mut self, id: u32, answer: Result<Value, String>) {
        if self.take(id, |waiter| matches!(waiter, Waiter::Credential)).is_none() {
            return;
        }
        let Some(Question { limit, scope, waiting, .. }) = self.credentials.answered(id) else {
            return;
        };
        self.stop(limit);
        let grant = match answer {
            Ok(answer) => self.credentials.accept(&scope, &answer, self.now, self.server_now()),
            Err(message) => Err(Error::new(ErrorKind::Credential, "COS_CREDENTIAL", message)),
        };
        let mut waiting = waiting.into_iter();
        match grant {
            Ok(grant) => {
                // The one that asked has room. The others look again: there may be none, and the key
                // may be limited to the scope of the first.
                if let Some(first) = waiting.next() {
                    if self.exchanges.get(&first).is_some_and(|exchange| self.holds(exchange)) {
                        self.enqueue(first);
                    } else {
                        match grant {
                            Grant::Keys(keys) => self.sign_with_keys(first, &keys),
                            Grant::Signature { authorization, token, extras } => {
                                self.use_signature(first, &authorization, &token, &extras);
                            }
                        }
                    }
                }
                waiting.for_each(|exchange| self.enqueue(exchange));
            }
            Err(error) => {
                self.credentials.postpone(&scope, self.now);
                for id in waiting {
                    match self.exchanges.get(&id) {
                        Some(exchange) if self.awaits_credential(exchange) => self.hold(id),
                        _ => self.finish(id, Err(error.clone())),
                    }
                }
            }
        }
    }

    fn sign_with_options(&mut self, id: u32) {
        let options = &self.options;
        let (secret_id, secret_key) = (options.secret_id.clone(), options.secret_key.clone());
        if secret_id.is_empty() || secret_key.is_empty() {
            let name = if secret_id.is_empty() { "SecretId" } else { "SecretKey" };
            let message = [
                "missing param ",
                name,
                ": give the client SecretId and SecretKey, or getAuthorization",
            ]
            .concat();
            if self.exchanges.get(&id).is_some_and(|exchange| exchange.is_for_url()) {
                let error = Error::new(ErrorKind::Credential, "COS_CREDENTIAL", message);
                return self.finish(id, Err(error));
            }
            // What everybody may read needs no signature.
            self.emit(Effect::Warn { message });
            return self.dispatch(id, "", "", &Extras::default());
        }
        let token = options.security_token.clone();
        let Some(exchange) = self.exchanges.get(&id) else { return };
        if let Err(error) = options.check_times(exchange.expires) {
            return self.finish(id, Err(error));
        }
        let key_time =
            validity(self.server_now(), options.start_time, options.expired_time, exchange.expires);
        let signer = Signer {
            secret_id: &secret_id,
            secret_key: &secret_key,
            token: &token,
            extras: Extras::default(),
            key_time,
        };
        self.sign_and_send(id, signer);
    }

    fn sign_with_keys(&mut self, id: u32, keys: &Keys) {
        let Some(exchange) = self.exchanges.get(&id) else { return };
        let signer = Signer {
            secret_id: &keys.secret_id,
            secret_key: &keys.secret_key,
            token: &keys.token,
            extras: keys.extras.clone(),
            key_time: validity(self.server_now(), keys.start, keys.expired, exchange.expires),
        };
        self.sign_and_send(id, signer);
    }

    fn sign_and_send(&mut self, id: u32, signer: Signer<'_>) {
        let Some(exchange) = self.exchanges.get_mut(&id) else { return };
        exchange.signed_with = signer.secret_id.to_owned();
        let draft = &exchange.draft;
        let headers = signed_headers(draft, &exchange.host(&self.options), &self.options);
        let mut headers = sign::borrowed(&headers);
        sign::keep_signed(&mut headers);
        let query = draft.signed_query();
        let authorization = sign::sign(
            &mut self.signing_keys,
            signer.secret_id,
            signer.secret_key,
            &signer.key_time,
            &Unsigned {
                method: &draft.method,
                path: &draft.signed_path(&self.options),
                query: &sign::borrowed(&query),
                headers: &headers,
            },
        );
        self.dispatch(id, &authorization, signer.token, &signer.extras);
    }

    fn use_signature(&mut self, id: u32, authorization: &str, token: &str, extras: &Extras) {
        if let Some(exchange) = self.exchanges.get_mut(&id) {
            exchange.signed_elsewhere = true;
            self.dispatch(id, authorization, token, extras);
        }
    }
}

/// The headers that count for a signature: those with a value, Content-Type and Cache-Control left
/// out since proxies change them, and the host.
pub(crate) fn signed_headers(
    draft: &Draft,
    host: &str,
    options: &Options,
) -> Vec<(String, String)> {
    let mut headers: Vec<(String, String)> = draft
        .headers
        .iter()
        .filter(|(name, value)| {
            !value.is_empty()
                && !name.eq_ignore_ascii_case("content-type")
                && !name.eq_ignore_ascii_case("cache-control")
        })
        .cloned()
        .collect();
    if draft.signs_host(options) && header(&headers, "host").is_none() {
        headers.push(("Host".to_owned(), host.to_owned()));
    }
    headers
}

/// The validity of a signature: the key's own, in unix seconds, when it tells its start; from
/// `server_now` (milliseconds) otherwise. `expires` is what the caller asked for, in seconds.
pub(crate) fn validity(server_now: f64, start: f64, expired: f64, expires: Option<f64>) -> String {
    let end = match expires {
        Some(expires) => start + expires,
        None => expired,
    };
    if start > 0.0 && end > 0.0 {
        [&number_text(start), ";", &number_text(end)].concat()
    } else {
        key_time(server_now, expires.unwrap_or(VALIDITY))
    }
}

//! Temporary keys: what the application's callback answered, and how long it is good for.

use crate::error::{Error, ErrorKind};
use crate::text::contains;
use crate::value::Value;

/// Milliseconds before its end at which a key counts as used up: a request must still arrive.
const MARGIN: f64 = 60_000.0;

/// Milliseconds before that at which a new key is asked for, while requests still use the old one; a
/// quarter of its life for keys that live shorter than four times this.
const AHEAD: f64 = 240_000.0;

/// Milliseconds after which a key is asked for again that could not be had ahead of time.
const LATER: f64 = 60_000.0;

/// Milliseconds a key is trusted for when its stated end is past on arrival. The key was made a
/// moment ago, so it is this device's clock that is wrong; the server says when it is not.
const TRUST: f64 = 900_000.0;

/// What a credential is to be used for: what upstream calls a scope.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Scope {
    /// Bucket with AppId; empty for none.
    pub bucket: String,
    /// Region; empty for none.
    pub region: String,
    /// What the credential must allow, all of it.
    pub permissions: Vec<Permission>,
}

/// One action on one resource.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Permission {
    /// Action, `name/cos:PutObject`; empty for requests that the catalogue does not know.
    pub action: String,
    /// Bucket with AppId; empty for none.
    pub bucket: String,
    /// Region; empty for none.
    pub region: String,
    /// Object key or prefix.
    pub prefix: String,
}

impl Scope {
    /// Whether a credential without a limit serves both: credentials belong to a bucket.
    fn same_bucket(&self, other: &Scope) -> bool {
        self.bucket == other.bucket && self.region == other.region
    }
}

/// A temporary key. Holds a secret: not printable.
#[derive(Clone)]
pub struct Keys {
    /// Key id.
    pub secret_id: String,
    /// Key.
    pub secret_key: String,
    /// Goes along as `x-cos-security-token`.
    pub token: String,
    /// Start of its validity, unix seconds; 0 when not told.
    pub start: f64,
    /// End of its validity, unix seconds.
    pub expired: f64,
    /// Further members of the answer that travel with requests.
    pub extras: Extras,
    scope_limit: bool,
    scope: Scope,
    /// By the host's clock, milliseconds: when it arrived, when it ends, and when a new one is asked
    /// for.
    received: f64,
    end: f64,
    renewed: f64,
}

impl Keys {
    /// When it ends, as far as can be known: by the server's clock if that is plausible, and no later
    /// than its span after its arrival. The key was made a moment before that, so that the device's
    /// clock is wrong if its end seems to be past by then.
    fn set_end(&mut self, now: f64, server_now: f64) {
        let span = if self.start > 0.0 { (self.expired - self.start) * 1000.0 } else { 0.0 };
        let left = self.expired * 1000.0 - server_now;
        if left > MARGIN {
            self.end = now + left;
        } else if self.end == 0.0 {
            self.end = now + TRUST;
        }
        if span > 0.0 && (left <= MARGIN || self.end > self.received + span) {
            self.end = self.received + span;
        }
        self.renewed = self.end - MARGIN - AHEAD.min((self.end - self.received) / 4.0);
    }

    /// Whether it is time to ask for the next one.
    pub fn is_ending(&self, now: f64) -> bool {
        now >= self.renewed
    }
}

/// Members of a credential that upstream sends along as headers or URL parameters.
#[derive(Clone, Default)]
pub struct Extras {
    /// `token`.
    pub token: String,
    /// `clientIP`.
    pub client_ip: String,
    /// `clientUA`.
    pub client_ua: String,
}

/// What the callback answered.
pub enum Grant {
    /// A key to sign with.
    Keys(Box<Keys>),
    /// The signature of one request, made elsewhere.
    Signature {
        /// `Authorization`.
        authorization: String,
        /// `x-cos-security-token`; empty for none.
        token: String,
        /// What else travels along.
        extras: Extras,
    },
}

/// Keys in hand, and questions under way.
#[derive(Default)]
pub struct Credentials {
    keys: Vec<Keys>,
    asking: Vec<Question>,
    /// The application signs each request itself, so answers cannot be shared.
    signs_itself: bool,
}

/// One question to the application, and the exchanges that wait for its answer.
pub struct Question {
    /// Id of the answer.
    pub id: u32,
    /// The timer that ends the wait for it.
    pub limit: u32,
    /// What was asked for.
    pub scope: Scope,
    /// Exchanges, the one that asked first.
    pub waiting: Vec<u32>,
    /// When it was asked, by the host's clock.
    pub asked: f64,
}

impl Credentials {
    /// How many questions are open.
    pub fn questions(&self) -> u32 {
        self.asking.len() as u32
    }

    /// The server's clock differs from what was thought: when do the keys end?
    pub fn set_clock(&mut self, now: f64, server_now: f64) {
        for keys in &mut self.keys {
            keys.set_end(now, server_now);
        }
    }

    /// Keeps the keys that are wanted.
    fn keep(&mut self, wanted: &dyn Fn(&Keys) -> bool) {
        self.keys.retain(wanted);
    }

    /// A key that is good for this scope at `now` (host clock, milliseconds).
    pub fn find(&mut self, scope: &Scope, now: f64) -> Option<Keys> {
        self.keep(&|keys| now < keys.end - MARGIN);
        self.keys
            .iter()
            .rev()
            .find(|keys| {
                keys.scope.same_bucket(scope) && (!keys.scope_limit || keys.scope == *scope)
            })
            .cloned()
    }

    /// Joins a question under way whose answer may serve this scope too, with an exchange that waits
    /// or without one. `false`: ask.
    pub fn join(&mut self, scope: &Scope, exchange: Option<u32>) -> bool {
        if self.signs_itself {
            return false;
        }
        match self.asking.iter_mut().find(|question| question.scope.same_bucket(scope)) {
            Some(question) => {
                question.waiting.extend(exchange);
                true
            }
            None => false,
        }
    }

    /// Notes a question.
    pub fn ask(&mut self, question: Question) {
        self.asking.push(question);
    }

    /// A question under way, which has got a new limit.
    pub fn question(&mut self, id: u32) -> Option<&mut Question> {
        self.asking.iter_mut().find(|question| question.id == id)
    }

    /// The next key could not be had: the old one stays in use.
    pub fn postpone(&mut self, scope: &Scope, now: f64) {
        for keys in self.keys.iter_mut().filter(|keys| keys.scope.same_bucket(scope)) {
            keys.renewed = now + LATER;
        }
    }

    /// The question that an answer belongs to.
    pub fn answered(&mut self, id: u32) -> Option<Question> {
        let at = self.asking.iter().position(|question| question.id == id)?;
        Some(self.asking.remove(at))
    }

    /// Keeps what the application answered and says what it is.
    ///
    /// # Errors
    /// [`ErrorKind::Credential`], naming the missing member in upstream's words.
    pub fn accept(
        &mut self,
        scope: &Scope,
        answer: &Value,
        now: f64,
        server_now: f64,
    ) -> Result<Grant, Error> {
        let mut grant = parse(scope, answer, now)?;
        match &mut grant {
            Grant::Keys(keys) => {
                keys.set_end(now, server_now);
                self.signs_itself = false;
                self.keep(&|old| old.scope != keys.scope);
                self.keys.push((**keys).clone());
            }
            Grant::Signature { .. } => self.signs_itself = true,
        }
        Ok(grant)
    }

    /// COS has refused a key: it goes, unless another one has taken its place already. `false`: it is
    /// younger than `tried` milliseconds, and stays.
    pub fn dismiss(&mut self, scope: &Scope, secret_id: &str, now: f64, tried: f64) -> bool {
        let known = self.find(scope, now).filter(|keys| keys.secret_id == secret_id);
        if known.is_some_and(|keys| now - keys.received < tried) {
            return false;
        }
        self.keep(&|keys| keys.secret_id != secret_id);
        true
    }
}

fn refused(message: &str) -> Error {
    Error::new(ErrorKind::Credential, "COS_CREDENTIAL", message)
}

/// Reads the answer of `getAuthorization` or `getSTS`.
fn parse(scope: &Scope, answer: &Value, now: f64) -> Result<Grant, Error> {
    let text = |name: &str| answer.get(name).to_text();
    let token = match text("SecurityToken") {
        token if token.is_empty() => text("XCosSecurityToken"),
        token => token,
    };
    let extras =
        Extras { token: text("Token"), client_ip: text("ClientIP"), client_ua: text("ClientUA") };
    let authorization = match answer {
        Value::String(signature) => signature.clone(),
        _ => text("Authorization"),
    };
    if !authorization.is_empty() {
        let complete =
            ["q-sign-algorithm=", "q-ak=", "q-sign-time=", "q-key-time=", "q-url-param-list="]
                .iter()
                .all(|part| contains(&authorization, part));
        if authorization.contains(' ') || !complete {
            return Err(refused("getAuthorization callback params format error"));
        }
        return Ok(Grant::Signature { authorization, token, extras });
    }
    let either = |name: &str, other: &str| match text(name) {
        given if given.is_empty() => text(other),
        given => given,
    };
    let secret_id = either("TmpSecretId", "SecretId");
    let secret_key = either("TmpSecretKey", "SecretKey");
    for (name, value) in
        [("TmpSecretId", &secret_id), ("TmpSecretKey", &secret_key), ("SecurityToken", &token)]
    {
        if value.is_empty() {
            return Err(refused(
                &["getAuthorization callback params missing \"", name, "\""].concat(),
            ));
        }
    }
    let expired = seconds(answer, "ExpiredTime")?
        .ok_or_else(|| refused("getAuthorization callback params missing \"ExpiredTime\""))?;
    let start = seconds(answer, "StartTime")?.unwrap_or(0.0);
    Ok(Grant::Keys(Box::new(Keys {
        secret_id,
        secret_key,
        token,
        start,
        expired,
        extras,
        scope_limit: answer.get("ScopeLimit").is_truthy(),
        scope: scope.clone(),
        received: now,
        end: 0.0,
        renewed: 0.0,
    })))
}

/// A unix time in seconds, ten digits as upstream demands: thirteen would be milliseconds.
fn seconds(answer: &Value, name: &str) -> Result<Option<f64>, Error> {
    let given = answer.get(name);
    if !given.is_truthy() {
        return Ok(None);
    }
    match given.as_number() {
        Some(time) if given.to_text().len() == 10 => Ok(Some(time)),
        _ => Err(refused(
            &["getAuthorization callback params \"", name, "\" should be 10 digits"].concat(),
        )),
    }
}

/// What upstream hands to the callback, except for the request's own method, path, query and
/// headers.
pub fn question(scope: &Scope) -> Value {
    let permissions = scope.permissions.iter().map(|permission| {
        Value::map()
            .with("action", permission.action.as_str())
            .with("bucket", permission.bucket.as_str())
            .with("region", permission.region.as_str())
            .with("prefix", permission.prefix.as_str())
    });
    Value::map()
        .with("Bucket", scope.bucket.as_str())
        .with("Region", scope.region.as_str())
        .with("Scope", permissions.collect::<Vec<_>>())
}

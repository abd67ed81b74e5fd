//! Temporary keys: what the application's callback answered, and how long it is good for.

use crate::error::{Error, ErrorKind};
use crate::text::contains;
use crate::value::Value;

/// Milliseconds before its end at which a key counts as used up: a request must still arrive.
const MARGIN: f64 = 60_000.0;

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
    good_until: f64,
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
}

impl Credentials {
    /// A key that is good for this scope at `now` (host clock, milliseconds).
    pub fn find(&mut self, scope: &Scope, now: f64) -> Option<Keys> {
        self.keys.retain(|keys| now < keys.good_until);
        self.keys
            .iter()
            .rev()
            .find(|keys| {
                keys.scope.same_bucket(scope) && (!keys.scope_limit || keys.scope == *scope)
            })
            .cloned()
    }

    /// Joins a question under way whose answer may serve this scope too. `false`: ask.
    pub fn join(&mut self, scope: &Scope, exchange: u32) -> bool {
        if self.signs_itself {
            return false;
        }
        match self.asking.iter_mut().find(|question| question.scope.same_bucket(scope)) {
            Some(question) => {
                question.waiting.push(exchange);
                true
            }
            None => false,
        }
    }

    /// Notes a question.
    pub fn ask(&mut self, id: u32, limit: u32, scope: Scope, exchange: u32) {
        self.asking.push(Question { id, limit, scope, waiting: vec![exchange] });
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
    pub fn accept(&mut self, scope: &Scope, answer: &Value, now: f64) -> Result<Grant, Error> {
        let grant = parse(scope, answer, now)?;
        match &grant {
            Grant::Keys(keys) => {
                self.signs_itself = false;
                self.keys.retain(|old| old.scope != keys.scope);
                self.keys.push((**keys).clone());
            }
            Grant::Signature { .. } => self.signs_itself = true,
        }
        Ok(grant)
    }

    /// Drops a key that COS refused.
    pub fn invalidate(&mut self, secret_id: &str) {
        self.keys.retain(|keys| keys.secret_id != secret_id);
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
            return Err(refused(&format!("getAuthorization callback params missing \"{name}\"")));
        }
    }
    let expired = seconds(answer, "ExpiredTime")?
        .ok_or_else(|| refused("getAuthorization callback params missing \"ExpiredTime\""))?;
    let start = seconds(answer, "StartTime")?.unwrap_or(0.0);
    let end = if start > 0.0 {
        // The span does not depend on this device's clock.
        now + (expired - start) * 1000.0
    } else if expired * 1000.0 > now + MARGIN {
        expired * 1000.0
    } else {
        now + TRUST
    };
    Ok(Grant::Keys(Box::new(Keys {
        secret_id,
        secret_key,
        token,
        start,
        expired,
        extras,
        scope_limit: answer.get("ScopeLimit").is_truthy(),
        scope: scope.clone(),
        good_until: end - MARGIN,
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
        _ => Err(refused(&format!(
            "getAuthorization callback params \"{name}\" should be 10 digits"
        ))),
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

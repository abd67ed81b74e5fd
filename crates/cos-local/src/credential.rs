//! The keys that sign requests: the permanent pair, and temporary ones derived from it.

use std::fmt;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::{Deserialize, Serialize};

use crate::clock::Clock;
use crate::digest::{hmac_sha1_hex, random_hex, same};
use crate::error::{Code, Error};

/// A permanent pair of keys. `Debug` shows the id alone.
#[derive(Clone, PartialEq, Eq)]
pub struct Credential {
    /// The public half, `q-ak` of a signature.
    pub secret_id: String,
    /// The secret half.
    pub secret_key: String,
}

impl Credential {
    /// A new random pair.
    pub(crate) fn generate() -> std::io::Result<Self> {
        Ok(Self { secret_id: format!("AKID{}", random_hex(16)?), secret_key: random_hex(16)? })
    }
}

impl fmt::Debug for Credential {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Credential").field("secret_id", &self.secret_id).finish_non_exhaustive()
    }
}

/// Who signed a request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Caller {
    Anonymous,
    /// Anyone with the permanent keys, or with temporary ones; these may be good for one bucket
    /// only.
    Owner {
        bucket: Option<String>,
    },
}

/// Temporary keys, as the STS endpoint hands them out.
pub(crate) struct TemporaryKeys {
    pub(crate) secret_id: String,
    pub(crate) secret_key: String,
    pub(crate) token: String,
    pub(crate) start: i64,
    pub(crate) expires: i64,
}

/// What a security token says. It is signed, so the server need not remember the keys it handed
/// out.
#[derive(Serialize, Deserialize)]
struct Claims {
    id: String,
    bucket: Option<String>,
    start: i64,
    expires: i64,
}

/// Looks up the secret of a `q-ak`.
pub(crate) struct Keyring {
    permanent: Credential,
    clock: Clock,
}

impl Keyring {
    pub(crate) fn new(permanent: Credential, clock: Clock) -> Self {
        Self { permanent, clock }
    }

    /// New temporary keys that last `seconds`, for one bucket or for all.
    pub(crate) fn issue(
        &self,
        bucket: Option<String>,
        seconds: i64,
    ) -> Result<TemporaryKeys, Error> {
        let start = self.clock.now();
        let claims = Claims {
            id: format!("AKIDtmp{}", random_hex(16)?),
            bucket,
            start,
            expires: start + seconds,
        };
        let body = URL_SAFE_NO_PAD.encode(serde_json::to_vec(&claims)?);
        let token = format!("{body}.{}", self.derive("token", &body));
        let secret_key = self.derive("key", &claims.id);
        Ok(TemporaryKeys {
            secret_id: claims.id,
            secret_key,
            token,
            start,
            expires: claims.expires,
        })
    }

    /// The secret key of `secret_id`, and what it allows.
    ///
    /// # Errors
    /// `InvalidAccessKeyId` for an id that is unknown or does not go with `token`; `ExpiredToken`.
    pub(crate) fn find(
        &self,
        secret_id: &str,
        token: Option<&str>,
    ) -> Result<(String, Caller), Error> {
        let unknown = |message: &'static str| Err(Error::new(Code::InvalidAccessKeyId, message));
        let Some(token) = token.filter(|token| !token.is_empty()) else {
            if secret_id == self.permanent.secret_id {
                return Ok((self.permanent.secret_key.clone(), Caller::Owner { bucket: None }));
            }
            return unknown(
                "The server knows no such secret id; temporary keys need their security token.",
            );
        };
        let Some(claims) = self.read_token(token).filter(|claims| claims.id == secret_id) else {
            return unknown("The security token does not belong to this secret id.");
        };
        if self.clock.now() >= claims.expires {
            return Err(Error::new(
                Code::ExpiredToken,
                "The temporary keys have expired; request new ones.",
            ));
        }
        Ok((self.derive("key", secret_id), Caller::Owner { bucket: claims.bucket }))
    }

    fn read_token(&self, token: &str) -> Option<Claims> {
        let (body, seal) = token.split_once('.')?;
        if !same(&self.derive("token", body), seal) {
            return None;
        }
        serde_json::from_slice(&URL_SAFE_NO_PAD.decode(body).ok()?).ok()
    }

    fn derive(&self, purpose: &str, text: &str) -> String {
        hmac_sha1_hex(
            self.permanent.secret_key.as_bytes(),
            format!("cos-local {purpose} {text}").as_bytes(),
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn keyring(offset: i64) -> Keyring {
        let permanent = Credential { secret_id: "AKIDowner".into(), secret_key: "secret".into() };
        Keyring::new(permanent, Clock::new(offset))
    }

    #[test]
    fn temporary_keys_need_their_own_token() {
        let keyring = keyring(0);
        let keys = keyring.issue(Some("b-1".into()), 900).expect("keys");
        let other = keyring.issue(None, 900).expect("keys");
        let code =
            |id: &str, token: Option<&str>| keyring.find(id, token).map_err(|error| error.code);
        let found = code(&keys.secret_id, Some(&keys.token));
        assert_eq!(
            found,
            Ok((keys.secret_key.clone(), Caller::Owner { bucket: Some("b-1".into()) }))
        );
        for token in [None, Some("forged"), Some(other.token.as_str()), Some(&keys.token[1..])] {
            assert_eq!(code(&keys.secret_id, token), Err(Code::InvalidAccessKeyId));
        }
        assert_eq!(code("AKIDowner", None), Ok(("secret".into(), Caller::Owner { bucket: None })));
        assert_eq!(code("AKIDowner", Some(&keys.token)), Err(Code::InvalidAccessKeyId));
    }

    #[test]
    fn temporary_keys_end() {
        let keys = keyring(0).issue(None, 900).expect("keys");
        let later = keyring(1000).find(&keys.secret_id, Some(&keys.token));
        assert_eq!(later.map_err(|error| error.code), Err(Code::ExpiredToken));
    }

    #[test]
    fn no_secret_is_shown() {
        let shown = format!(
            "{:?}",
            Credential { secret_id: "AKIDowner".into(), secret_key: "hidden".into() }
        );
        assert!(shown.contains("AKIDowner") && !shown.contains("hidden"));
    }
}

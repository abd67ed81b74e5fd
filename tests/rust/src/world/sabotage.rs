//! Breaking the rules on purpose: every rule has to object to something.

use cos_core::effect::Effect;
use cos_core::error::{Error, ErrorKind};

use super::{CUSTOMER_HEADER, World};

/// What is done to the effects of an engine, or at COS.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sabotage {
    /// COS loses a byte, and does not say so.
    LosesByte,
    /// A part is sent again after COS has confirmed it.
    SendsAgain,
    /// A call settles twice.
    SettlesTwice,
    /// A buffer is never given back.
    KeepsBuffer,
    /// Requests and timers of calls that are over go on.
    NeverAborts,
    /// A question is asked that nobody gets to hear.
    LosesQuestion,
    /// The clients do not hear of one another's requests.
    HidesOthers,
    /// Nor of one another's buffers.
    HidesBuffers,
    /// What was appended is not looked at.
    NeverLooks,
    /// A key is told.
    TellsKey,
    /// A call goes on after it has settled.
    GoesOn,
    /// A call that nobody has cancelled settles as canceled.
    ClaimsCancel,
    /// A customer's key is left out.
    ForgetsKey,
}

impl World {
    /// What becomes of an effect.
    pub(super) fn tampered(&mut self, at: usize, effect: Effect) -> Vec<Effect> {
        let Some(sabotage) = self.sabotage else { return vec![effect] };
        match (sabotage, &effect) {
            // What is sent again has to be there still.
            (Sabotage::KeepsBuffer | Sabotage::SendsAgain, Effect::Release { .. })
            | (Sabotage::NeverAborts, Effect::Abort { .. })
            | (Sabotage::LosesQuestion, Effect::Load { .. }) => Vec::new(),
            (Sabotage::NeverLooks, Effect::Send { id, call, task, request })
                if request.method == "HEAD" && self.clients[at].uncertain.contains(call) =>
            {
                let mut request = request.clone();
                request.method = "POST".to_owned();
                request.url += "?append&position=0";
                let task = task.clone();
                vec![Effect::Send { id: *id, call: *call, task, request }]
            }
            (Sabotage::SettlesTwice, Effect::Settle { .. }) => vec![effect.clone(), effect],
            (Sabotage::TellsKey, Effect::TasksChanged) => {
                vec![Effect::Warn { message: "the key is secret of AKIDexample".to_owned() }]
            }
            (Sabotage::SendsAgain, Effect::Send { request, .. })
                if request.url.contains("partNumber=") =>
            {
                self.spare.get_or_insert_with(|| effect.clone());
                vec![effect]
            }
            (Sabotage::SendsAgain, Effect::Send { request, .. })
                if request.url.contains("uploadId=") =>
            {
                // What is sent last is the completion: by then the parts are confirmed.
                let again = self.spare.take();
                let again = again.map(|again| match again {
                    Effect::Send { id, call, task, request } => {
                        Effect::Send { id: id + 1_000_000, call, task, request }
                    }
                    other => other,
                });
                again.into_iter().chain([effect]).collect()
            }
            (Sabotage::ClaimsCancel, Effect::Settle { call, outcome: Ok(_), .. }) => {
                let outcome = Err(Error::new(ErrorKind::Canceled, "COS_CANCELED", "by nobody"));
                vec![Effect::Settle { call: *call, outcome, body: None }]
            }
            (Sabotage::ForgetsKey, Effect::Send { id, call, task, request }) => {
                let mut request = request.clone();
                request.headers.retain(|(name, _)| name != CUSTOMER_HEADER);
                let task = task.clone();
                vec![Effect::Send { id: *id, call: *call, task, request }]
            }
            (Sabotage::GoesOn, Effect::Send { .. }) => {
                self.spare = Some(effect.clone());
                vec![effect]
            }
            (Sabotage::GoesOn, Effect::Settle { .. }) => {
                let again = self.spare.take();
                [Some(effect), again].into_iter().flatten().collect()
            }
            _ => vec![effect],
        }
    }
}

//! Creating named objects when the response may be lost: an object that was then created is found and taken over.
use crate::vsphere::Vsphere;
use std::sync::Arc;
use std::time::Duration;
use tf_framework::{AttributePath, Cx, Resource};
use vsphere_client::Result;

/// The pauses before the looks: a request may still be under way when its connection breaks.
const LOOKS: [u64; 3] = [0, 300, 1000];

/// Creates an object. If the outcome is unknown, `after` looks for it, given the result of `before`: only an object that did not
/// exist before is taken over, with a warning. `title` names it in a sentence.
///
/// # Errors
/// Those of `make`.
pub async fn create_or_adopt<R, B, T, Looking>(
    cx: &Cx<'_, R>,
    title: &str,
    before: impl Future<Output = Result<B>> + Send,
    make: impl Future<Output = Result<T>> + Send,
    after: impl Fn(Arc<B>) -> Looking + Send + Sync,
) -> Result<T>
where
    R: Resource<Client = Vsphere>,
    B: Send + Sync,
    T: Send,
    Looking: Future<Output = Result<Option<T>>> + Send,
{
    let seen = before.await;
    let error = match make.await {
        Err(error) if error.is_unheard() => error,
        done => return done,
    };
    let Ok(seen) = seen.map(Arc::new) else { return Err(error) };
    for pause in LOOKS {
        vsphere_client::pause(Duration::from_millis(pause)).await;
        if let Ok(Some(made)) = after(Arc::clone(&seen)).await {
            let detail = format!(
                "The connection broke before vCenter answered ({error}). What was asked for exists now and did not exist \
                 before: it is in the state."
            );
            let summary = format!("The answer to the creation of {title} was lost");
            cx.warn(AttributePath::root(), summary, detail);
            return Ok(made);
        }
    }
    Err(error)
}

/// As [`create_or_adopt`], of what one look finds by its name: it is taken over where the look found nothing before.
///
/// # Errors
/// Those of `make`.
pub async fn create_or_adopt_named<R, T, Looking>(
    cx: &Cx<'_, R>,
    title: &str,
    look: impl Fn() -> Looking + Send + Sync,
    make: impl Future<Output = Result<T>> + Send,
) -> Result<T>
where
    R: Resource<Client = Vsphere>,
    T: Send,
    Looking: Future<Output = Result<Option<T>>> + Send,
{
    let before = look();
    let absent = async { Ok(before.await?.is_none()) };
    create_or_adopt(cx, title, absent, make, |absent: Arc<bool>| {
        let look = absent.then(&look);
        async move {
            match look {
                Some(look) => look.await,
                None => Ok(None),
            }
        }
    })
    .await
}

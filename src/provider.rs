//! The provider that is served.
use async_trait::async_trait;
use std::sync::Arc;
use tf_framework::server::{
    Answer, ApplyRequest, Catalogue, FunctionError, Imported, MoveRequest, Opened, PlanAnswer, PlanRequest,
    Private, ProviderServer,
};
use tf_framework::{Diagnostics, Dynamic};

/// The provider, as the wire serves it.
pub fn server() -> Arc<dyn ProviderServer> {
    Arc::new(Empty::default())
}

/// Serves nothing yet.
#[derive(Default)]
struct Empty {
    catalogue: Catalogue,
}

#[async_trait]
impl ProviderServer for Empty {
    fn catalogue(&self) -> &Catalogue {
        &self.catalogue
    }

    async fn validate_provider(&self, _: Dynamic) -> Diagnostics {
        Diagnostics::default()
    }

    async fn configure(&self, _: &str, _: Dynamic) -> Diagnostics {
        Diagnostics::default()
    }

    async fn validate_resource(&self, _: &str, _: Dynamic) -> Diagnostics {
        Diagnostics::default()
    }

    async fn upgrade_resource_state(&self, _: &str, _: i64, _: &[u8]) -> Answer {
        Answer::default()
    }

    async fn read_resource(&self, _: &str, value: Dynamic, private: Private) -> Answer {
        Answer { value, private, ..Default::default() }
    }

    async fn plan_resource(&self, request: PlanRequest) -> PlanAnswer {
        PlanAnswer { planned: request.proposed, private: request.private, ..Default::default() }
    }

    async fn apply_resource(&self, request: ApplyRequest) -> Answer {
        Answer { value: request.planned, private: request.private, ..Default::default() }
    }

    async fn import_resource(&self, _: &str, _: &str) -> (Vec<Imported>, Diagnostics) {
        (vec![], Diagnostics::default())
    }

    async fn move_resource(&self, _: MoveRequest) -> Answer {
        Answer::default()
    }

    async fn validate_data_source(&self, _: &str, _: Dynamic) -> Diagnostics {
        Diagnostics::default()
    }

    async fn read_data_source(&self, _: &str, _: Dynamic) -> Answer {
        Answer::default()
    }

    async fn call_function(&self, _: &str, _: Vec<Dynamic>) -> Result<Dynamic, FunctionError> {
        Ok(Dynamic::Null)
    }

    async fn validate_ephemeral(&self, _: &str, _: Dynamic) -> Diagnostics {
        Diagnostics::default()
    }

    async fn open_ephemeral(&self, _: &str, _: Dynamic) -> Opened {
        Opened::default()
    }

    async fn renew_ephemeral(&self, _: &str, _: Private) -> Opened {
        Opened::default()
    }

    async fn close_ephemeral(&self, _: &str, _: Private) -> Diagnostics {
        Diagnostics::default()
    }

    fn stop(&self) {}

    async fn shutdown(&self) {}
}

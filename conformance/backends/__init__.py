"""One small file for each engine on trial; `refexec_conformance.backend` says what it holds."""

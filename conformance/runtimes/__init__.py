"""One small file for each runtime on trial; `refexec_conformance.runtime.backend` says how."""

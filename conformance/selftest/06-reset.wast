;; `reset` forgets: what 03-linking and 04-traps have registered is gone.
(assert_unlinkable (module (import "counter" "load" (func (result i32)))) "unknown import")
(assert_unlinkable (module (import "m" "memory" (memory 1))) "unknown import")

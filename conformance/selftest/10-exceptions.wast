;; An exception that nobody catches is told from a trap. Only for engines that have
;; exceptions.
;; features: exceptions
(module
  (tag $e (param i32))
  (func (export "throw") (throw $e (i32.const 1)))
  (func (export "trap") (unreachable)))
(assert_exception (invoke "throw"))
(assert_trap (invoke "trap") "unreachable")

;; Limits of 64 bits that are too long or too large. Rule: Binary Format, Integers.
;; features: 64-bit memories and tables

(module binary "\00\61\73\6d\01\00\00\00\05\05\01\04\81\80\00")
(assert_malformed (module binary "\00\61\73\6d\01\00\00\00\05\0c\01\04\80\80\80\80\80\80\80\80\80\02")
  "integer too large")
(assert_malformed (module binary "\00\61\73\6d\01\00\00\00\05\0d\01\04\80\80\80\80\80\80\80\80\80\80\00")
  "integer representation too long")
(assert_malformed (module binary "\00\61\73\6d\01\00\00\00\04\0d\01\70\04\80\80\80\80\80\80\80\80\80\02")
  "integer too large")

// RUN: ph-opt %s -split-input-file -verify-diagnostics

// expected-error@+1 {{expects xf.model on a module only}}
func.func private @f() attributes {xf.model = {}}

// -----

// expected-error@+1 {{expects xf.model to be a dictionary, but got 3 : i64}}
module attributes {xf.model = 3} {}

// -----

// expected-error@+1 {{expects a string as name of xf.model, but got none}}
module attributes {xf.model = {architecture = "llama"}} {}

// -----

// expected-error@+1 {{expects a string as architecture of xf.model, but got 1 : i64}}
module attributes {xf.model = {architecture = 1, name = "m"}} {}

// -----

// expected-error@+1 {{expects a positive integer as context_length of xf.model, but got none}}
module attributes {xf.model = {architecture = "llama", name = "m", vocabulary = 320, layers = 2}} {}

// -----

// expected-error@+1 {{expects a positive integer as layers of xf.model, but got 0 : i64}}
module attributes {xf.model = {architecture = "llama", name = "m", vocabulary = 320, context_length = 8, layers = 0}} {}

// -----

// expected-error@+1 {{expects xf.name to be a string that is not empty, but got ""}}
func.func private @f(tensor<?xi32> {xf.name = ""})

// -----

// expected-error@+1 {{expects xf.name as the only attribute of xf on an argument or result, but got "xf.nom"}}
func.func private @f() -> (tensor<?xi32> {xf.nom = "x"})

// The module `_atonce_race`: what the Python half of `atonce check` asks of the detector.
#pragma once

namespace atonce::python::race {

// Makes it known to Python, as a built-in module. Before Python starts; once.
void add_module();

}  // namespace atonce::python::race

// Processes that outlive those that started them. While there is an Orphans, the system gives them
// to this process, and not to init; so they can be found and ended.
//
// Thread safety: one thread.
#pragma once

namespace atonce::app {

class Orphans final {
 public:
  Orphans();
  ~Orphans();  // ends them, and hands later ones to init again
  Orphans(const Orphans&) = delete;
  Orphans& operator=(const Orphans&) = delete;

  // Kills all children of this process, and what these leave behind: whoever calls it has no child
  // that is still to do something.
  void end();
};

}  // namespace atonce::app

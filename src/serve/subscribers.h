// Who wants to hear that lists and resources have changed: modern clients by streams of their own,
// legacy ones by their sessions.
//
// Thread safety: all functions from any thread.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <string_view>

#include "serve/peer.h"
#include "serve/session.h"

namespace atonce::serve {

// What a `subscriptions/listen` asked for.
struct Wanted {
  bool tools = false;
  bool prompts = false;
  bool resources = false;
  std::set<std::string> uris = {};
};

class Subscribers final {
 public:
  explicit Subscribers(Sessions& sessions) : sessions_(sessions) {}

  // Sends what was agreed to, then what changes, until the client leaves or close() ends it. `id`
  // is the request's, JSON.
  void add(std::string id, Wanted wanted, std::shared_ptr<Peer> peer);
  // "tools", "prompts", "resources", or the address of a resource.
  void tell(std::string_view what);
  // Ends every stream with its answer; later ones end as soon as they begin.
  void close();
  [[nodiscard]] std::size_t count() const;

 private:
  struct Listener {
    std::string id;
    Wanted wanted;
    std::shared_ptr<Peer> peer;
  };
  void remove(std::uint64_t number);

  Sessions& sessions_;
  mutable std::mutex mutex_;
  std::map<std::uint64_t, Listener> listeners_;  // guarded by mutex_
  std::uint64_t next_ = 1;                       // guarded by mutex_
  bool is_closed_ = false;                       // guarded by mutex_
};

}  // namespace atonce::serve

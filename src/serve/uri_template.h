// The addresses of resources that a template stands for: `{name}` of RFC 6570, its simplest form.
//
// Thread safety: a pure function.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>

namespace atonce::serve {

// The variables of a template such as "test://{id}/data" in an address that it fits, decoded; or
// nothing. An address whose variable would lead out of a folder, as "..", "../x" and "/x" do
// however they are encoded, fits no template: functions take such values for names of files.
[[nodiscard]] std::optional<std::map<std::string, std::string>> match_template(
    std::string_view uri_template, std::string_view uri);

}  // namespace atonce::serve

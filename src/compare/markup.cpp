#include "compare/markup.h"

#include "base/json.h"

namespace atonce::compare {
namespace {

void append_escaped(std::string& markup, char byte) {
  switch (byte) {
    case '&': markup += "&amp;"; break;
    case '<': markup += "&lt;"; break;
    case '>': markup += "&gt;"; break;
    case '"': markup += "&quot;"; break;
    case '\'': markup += "&#39;"; break;
    case '\n':
    case '\t': markup += byte; break;
    case '\r': break;  // of a "\r\n"
    default:
      if (static_cast<unsigned char>(byte) < 0x20 || byte == 0x7F) {
        markup += "\uFFFD";
      } else {
        markup += byte;
      }
  }
}

}  // namespace

std::string escaped(std::string_view text) {
  std::string markup;
  for (const char byte : json::to_valid_utf8(text)) append_escaped(markup, byte);
  return markup;
}

std::string prose(std::string_view text) {
  std::string markup;
  while (!text.empty()) {
    const std::size_t begin = text.find('`');
    const std::size_t end = begin == text.npos ? begin : text.find('`', begin + 1);
    if (end == text.npos) break;
    markup += escaped(text.substr(0, begin)) +
              text_element("code", {}, text.substr(begin + 1, end - begin - 1));
    text.remove_prefix(end + 1);
  }
  return markup + escaped(text);
}

std::string opening(std::string_view name, const Attributes& attributes) {
  std::string markup = "<" + std::string(name);
  for (const auto& [key, value] : attributes) markup += " " + key + "=\"" + escaped(value) + "\"";
  return markup + ">";
}

std::string element(std::string_view name, const Attributes& attributes, std::string_view inner) {
  return opening(name, attributes).append(inner).append("</").append(name).append(">");
}

std::string text_element(std::string_view name, const Attributes& attributes,
                         std::string_view text) {
  return element(name, attributes, escaped(text));
}

std::string html_table(std::string_view caption, const std::vector<std::string>& heads,
                       const std::vector<TableRow>& rows) {
  std::string head;
  for (const std::string& each : heads) head += text_element("th", {{"scope", "col"}}, each);
  std::string body;
  for (const TableRow& row : rows) {
    std::string cells;
    for (std::size_t at = 0; at < row.cells.size(); ++at) {
      const bool is_wide = row.cells.size() < heads.size() && at + 1 == row.cells.size();
      Attributes attributes;
      if (at == 0) attributes = {{"scope", "row"}};
      if (at > 0 && !is_wide) attributes = {{"data-label", heads[at]}};
      // The last cell of a row that has fewer takes the place of the others.
      if (is_wide) attributes.push_back({"colspan", std::to_string(heads.size() - at)});
      cells += element(at == 0 ? "th" : "td", attributes, row.cells[at]);
    }
    body += element("tr", row.attributes, cells) + "\n";
  }
  return element("table", {},
                 text_element("caption", {}, caption) +
                     element("thead", {}, element("tr", {}, head)) + "\n" +
                     element("tbody", {}, body));
}

}  // namespace atonce::compare

// What a tag's first SummaryMetadata said.
#pragma once

#include <string>

namespace spirogram::store {

struct TagMetadata {
  std::string plugin;   // also where only the kind of value told it
  std::string content;  // the plugin's own message, as logged
  std::string display_name;
  std::string description;
};

}  // namespace spirogram::store

// A Keras model's configuration as nodes: {"class_name", "config": {"layers": [...]}}. The layers
// of a functional model name their inputs in `inbound_nodes`, in one of two forms: Keras 2 nests
// lists whose innermost is ["layer", node, tensor, {}], Keras 3 has objects with "keras_history":
// ["layer", ...].
#include <utility>

#include "base/str.h"
#include "web/json_internal.h"
#include "web/json_kinds.h"

namespace spirogram::web {
namespace {

constexpr int kDepthMax = 32;
constexpr size_t kAttributeBytesMax = 1024;
constexpr size_t kAttributesMax = 256;  // of a layer

// Not Json, whose objects search all their fields for each new one: the text is anybody's.
using KerasJson = nlohmann::json;

std::string ToText(const KerasJson& json) {
  return json.dump(-1, ' ', false, KerasJson::error_handler_t::replace);
}

std::string TextOf(const KerasJson& object, const char* key) {
  const auto found = object.find(key);
  return found != object.end() && found->is_string() ? found->get<std::string>() : std::string();
}

// Names of layers anywhere in an inbound_nodes value.
void CollectInputs(const KerasJson& value, const std::string& prefix, int depth,
                   std::vector<std::string>* inputs) {
  if (depth > kDepthMax) return;
  const bool is_reference = value.is_array() && value.size() >= 3 && value[0].is_string() &&
                            value[1].is_number() && value[2].is_number();
  if (is_reference) {
    inputs->push_back(prefix + value[0].get<std::string>());
    return;
  }
  if (!value.is_array() && !value.is_object()) return;
  for (const KerasJson& part : value) CollectInputs(part, prefix, depth + 1, inputs);
}

class LayerCollector {
 public:
  LayerCollector(int64_t offset, int64_t count_max) : offset_(offset), count_max_(count_max) {}

  bool AddModel(const KerasJson& model, const std::string& prefix, int depth) {
    const auto config = model.find("config");
    if (depth > kDepthMax || config == model.end()) return false;
    // Keras 1's sequential models are the bare list.
    const KerasJson* layers = &*config;
    if (config->is_object()) {
      const auto listed = config->find("layers");
      if (listed == config->end()) return false;
      layers = &*listed;
    }
    if (!layers->is_array()) return false;
    const bool is_sequential = TextOf(model, "class_name") == "Sequential";
    std::string previous;
    for (const KerasJson& layer : *layers) {
      if (!layer.is_object()) return false;
      const std::string name = AddLayer(layer, prefix, is_sequential ? previous : "");
      const auto inner = layer.find("config");
      const bool is_model = inner != layer.end() && inner->is_object() && inner->contains("layers");
      if (is_model && !AddModel(layer, name + "/", depth + 1)) return false;
      previous = name;
    }
    return true;
  }

  store::GraphNodes Take() { return std::move(found_); }

 private:
  // Returns the layer's full name.
  std::string AddLayer(const KerasJson& layer, const std::string& prefix,
                       const std::string& previous) {
    store::GraphNode node;
    const auto config = layer.find("config");
    std::string name = TextOf(layer, "name");
    if (name.empty() && config != layer.end() && config->is_object()) {
      name = TextOf(*config, "name");
    }
    node.name = prefix + name;
    node.op = TextOf(layer, "class_name");
    const auto inbound = layer.find("inbound_nodes");
    if (inbound != layer.end()) CollectInputs(*inbound, prefix, 0, &node.inputs);
    if (node.inputs.empty() && !previous.empty()) node.inputs.push_back(previous);
    if (config != layer.end() && config->is_object()) AddAttributes(*config, &node);
    std::string full_name = node.name;
    const int64_t index = found_.total++;
    const bool is_asked = index >= offset_ && index - offset_ < count_max_;
    if (is_asked) found_.nodes.push_back(std::move(node));
    return full_name;
  }

  static void AddAttributes(const KerasJson& config, store::GraphNode* node) {
    for (const auto& [key, value] : config.items()) {
      if (key == "name" || key == "layers") continue;
      std::string text = value.is_string() ? value.get<std::string>() : ToText(value);
      if (text.size() > kAttributeBytesMax || node->attributes.size() >= kAttributesMax) {
        node->large_attributes.push_back(key);
      } else {
        node->attributes.emplace_back(key, std::move(text));
      }
    }
  }

  int64_t offset_;
  int64_t count_max_;
  store::GraphNodes found_;
};

}  // namespace

Result<store::GraphNodes> ParseKerasNodes(std::string_view json, int64_t offset,
                                          int64_t count_max) {
  const Error bad = Corruption("not the configuration of a Keras model");
  if (!IsShallow(json)) return bad;
  const KerasJson model = KerasJson::parse(json, nullptr, false);
  LayerCollector collector(offset, count_max);
  if (!model.is_object() || !collector.AddModel(model, "", 0)) return bad;
  return collector.Take();
}

}  // namespace spirogram::web

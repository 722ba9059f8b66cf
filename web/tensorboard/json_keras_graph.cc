#include <map>
#include <optional>
#include <vector>

#include "base/str.h"
#include "base/wire.h"
#include "web/json_internal.h"
#include "web/tensorboard/keras_graph.h"

namespace spirogram::web::tensorboard {
namespace {

constexpr int kDepthMax = 32;

// Not Json, whose objects search all their fields for each new one: the text is anybody's.
using KerasJson = nlohmann::json;

// TensorFlow's DataType of a layer's "dtype".
std::optional<uint64_t> DtypeNumber(std::string_view name) {
  static constexpr std::pair<std::string_view, uint64_t> kTypes[] = {
      {"float16", 19}, {"half", 19},     {"float32", 1},     {"float", 1},     {"float64", 2},
      {"double", 2},   {"int8", 6},      {"int16", 5},       {"int32", 3},     {"int64", 9},
      {"uint8", 4},    {"uint16", 17},   {"uint32", 22},     {"uint64", 23},   {"bool", 10},
      {"string", 7},   {"complex64", 8}, {"complex128", 18}, {"bfloat16", 14},
  };
  for (const auto& [type_name, number] : kTypes) {
    if (type_name == name) return number;
  }
  return std::nullopt;
}

// A member of an object, or null where there is none.
const KerasJson& Member(const KerasJson& json, const char* name) {
  static const KerasJson null;
  if (!json.is_object()) return null;
  const auto member = json.find(name);
  return member == json.end() ? null : *member;
}

std::string Text(const KerasJson& json) {
  return json.is_string() ? json.get<std::string>() : std::string();
}

std::string Scoped(const std::string& scope, const std::string& name) {
  return scope.empty() ? name : StrCat(scope, "/", name);
}

bool IsModel(const KerasJson& layer) {
  const KerasJson& layers = Member(Member(layer, "config"), "layers");
  return layers.is_array() && !layers.empty();
}

// Where a layer's input comes from: the name of a layer, and which of its outputs.
struct Inbound {
  std::string layer;
  size_t output = 0;
};

void AddHistory(const KerasJson& tensor, std::vector<Inbound>* inbound) {
  const KerasJson& history = Member(Member(tensor, "config"), "keras_history");
  if (!history.is_array() || history.size() < 3 || !history[2].is_number_unsigned()) return;
  inbound->push_back({Text(history[0]), history[2].get<size_t>()});
}

std::vector<Inbound> InboundOf(const KerasJson& layer) {
  std::vector<Inbound> inbound;
  const KerasJson& nodes = Member(layer, "inbound_nodes");
  if (!nodes.is_array()) return inbound;
  for (const KerasJson& node : nodes) {
    const KerasJson& arguments = Member(node, "args");
    if (!arguments.is_array()) continue;
    for (const KerasJson& argument : arguments) {
      if (!argument.is_array()) {
        AddHistory(argument, &inbound);
        continue;
      }
      for (const KerasJson& tensor : argument) AddHistory(tensor, &inbound);
    }
  }
  return inbound;
}

// ["name", 0, 0] or a list of such: the names.
std::vector<std::string> LayerNames(const KerasJson& layers) {
  std::vector<std::string> names;
  if (!layers.is_array() || layers.empty()) return names;
  if (!layers[0].is_array()) return {Text(layers[0])};
  for (const KerasJson& layer : layers) {
    if (layer.is_array() && !layer.empty()) names.push_back(Text(layer[0]));
  }
  return names;
}

class Walker {
 public:
  std::string Finish() { return std::move(graph_); }

  Status Layer(const KerasJson& layer, const std::string& scope, int depth) {
    if (depth > kDepthMax) {
      return Exhausted(StrCat("Keras model nested deeper than ", kDepthMax, " levels"));
    }
    if (!Member(layer, "config").is_object())
      return Corruption("Keras model: a layer has no config");
    if (!IsModel(layer)) {
      AddNode(layer, scope);
      return {};
    }
    EnterModel(layer, scope);
    const KerasJson& config = Member(layer, "config");
    const std::string inner = Scoped(scope, Text(Member(config, "name")));
    for (const KerasJson& child : Member(config, "layers")) {
      RETURN_IF_ERROR(Layer(child, inner, depth + 1));
    }
    return {};
  }

 private:
  // Ties what goes into a model to its input layers, and what comes out of it to its output layers.
  void EnterModel(const KerasJson& model, const std::string& scope) {
    const KerasJson& config = Member(model, "config");
    const std::string name = Scoped(scope, Text(Member(config, "name")));
    const std::vector<std::string> inputs = LayerNames(Member(config, "input_layers"));
    const std::vector<std::string> outputs = LayerNames(Member(config, "output_layers"));
    const std::vector<Inbound> inbound = InboundOf(model);
    const bool is_functional = !inputs.empty() && !outputs.empty();
    if (!inbound.empty() && is_functional) {
      for (size_t i = 0; i < inputs.size() && i < inbound.size(); ++i) {
        source_of_input_[Scoped(name, inputs[i])] = Scoped(scope, inbound[i].layer);
      }
    } else if (!inbound.empty()) {
      previous_ = Scoped(scope, inbound[0].layer);
    } else if (!previous_.empty() && is_functional) {
      source_of_input_[Scoped(name, inputs[0])] = previous_;
    }
    std::vector<std::string>& names = outputs_of_model_[name];
    names.clear();
    for (const std::string& output : is_functional ? outputs : std::vector<std::string>()) {
      names.push_back(Scoped(name, output));
    }
    if (names.empty()) {
      const KerasJson& last = Member(config, "layers").back();
      names.push_back(Scoped(name, Text(Member(Member(last, "config"), "name"))));
    }
  }

  void AddAttribute(std::string_view key, std::string_view value, std::string* node) {
    std::string entry;
    AppendBytesField(1, key, &entry);
    AppendBytesField(2, value, &entry);
    AppendBytesField(5, entry, node);
  }

  void AddNode(const KerasJson& layer, const std::string& scope) {
    const KerasJson& config = Member(layer, "config");
    const std::string name = Scoped(scope, Text(Member(config, "name")));
    std::string node;
    AppendBytesField(1, name, &node);
    for (const std::string& input : InputsOf(layer, scope, name)) AppendBytesField(3, input, &node);
    if (Member(layer, "class_name").is_string()) {
      std::string value;
      AppendBytesField(2, Text(Member(layer, "class_name")), &value);  // AttrValue.s
      AddAttribute("keras_class", value, &node);
    }
    const KerasJson& dtype = Member(config, "dtype");
    const KerasJson& policy = Member(Member(dtype, "config"), "name");
    if (const auto number = DtypeNumber(Text(dtype.is_object() ? policy : dtype))) {
      std::string value;
      AppendVarint(6 << 3, &value);  // AttrValue.type
      AppendVarint(*number, &value);
      AddAttribute("dtype", value, &node);
    }
    AppendBytesField(1, node, &graph_);
    previous_ = name;
  }

  std::vector<std::string> InputsOf(const KerasJson& layer, const std::string& scope,
                                    const std::string& name) const {
    std::vector<std::string> inputs;
    if (!Member(layer, "inbound_nodes").is_null()) {
      for (const Inbound& inbound : InboundOf(layer)) {
        const std::string source = Scoped(scope, inbound.layer);
        const auto model = outputs_of_model_.find(source);
        if (model == outputs_of_model_.end()) {
          inputs.push_back(source);
        } else {
          inputs.push_back(model->second[std::min(inbound.output, model->second.size() - 1)]);
        }
      }
    } else if (!previous_.empty()) {
      inputs.push_back(previous_);
    }
    const auto source = source_of_input_.find(name);
    if (source != source_of_input_.end()) inputs.push_back(source->second);
    return inputs;
  }

  std::string graph_;
  std::string previous_;  // the layer before, as Sequential models connect theirs
  std::map<std::string, std::string> source_of_input_;
  std::map<std::string, std::vector<std::string>> outputs_of_model_;
};

}  // namespace

Result<std::string> KerasGraph(std::string_view model) {
  const Error bad = Corruption("Keras model: not a JSON object");
  if (!IsShallow(model)) return bad;
  const KerasJson json = KerasJson::parse(model, nullptr, /*allow_exceptions=*/false);
  if (!json.is_object()) return bad;
  Walker walker;
  RETURN_IF_ERROR(walker.Layer(json, "", 0));
  return walker.Finish();
}

}  // namespace spirogram::web::tensorboard

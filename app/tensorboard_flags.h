// For those who come with TensorBoard's command line.
#pragma once

#include <string_view>

namespace spirogram::app {

// What `serve` has in place of a flag that only TensorBoard has, "--samples_per_plugin": one
// sentence without a full stop. Empty for any other flag.
std::string_view InPlaceOfTensorBoards(std::string_view flag);

}  // namespace spirogram::app

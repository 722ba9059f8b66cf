// What a model is made of, for people.
#pragma once

#include <string>

#include "trainer/model.h"

namespace spirogram::trainer {

// A table in Markdown: each part with its shape and its parameters, and their sum.
std::string DescribeModel(Model& model);

}  // namespace spirogram::trainer

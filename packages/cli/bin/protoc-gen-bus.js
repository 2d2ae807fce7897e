#!/usr/bin/env node
import "../dist/plugin.js";

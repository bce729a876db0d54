//! The JSON schema of a playbook, made of the very types that read it.
//!
//! A step is one of as many tables as there are kinds: its `kind`, what is common to all, and the
//! fields of the kind.

use schemars::generate::SchemaSettings;
use schemars::{JsonSchema, SchemaGenerator};
use serde_json::{Map, Value, json};

use super::fields::{Common, Fields};
use crate::steps::{KINDS, Kind};

/// Returns the JSON schema of a whole playbook.
#[must_use]
pub fn schema() -> Value {
    let mut generator = SchemaSettings::draft2020_12().into_generator();
    let mut root = table::<Fields>(&mut generator);
    let common = table::<Common>(&mut generator);
    let steps: Vec<Value> = KINDS.iter().map(|it| step(it, &common, &mut generator)).collect();
    let properties = root.entry("properties").or_insert_with(|| json!({}));
    if let Value::Object(properties) = properties {
        properties.insert("vars".to_owned(), variables());
        properties.insert("step".to_owned(), many_steps(steps));
    }
    let definitions = generator.take_definitions(true);
    let mut whole = Map::new();
    let draft = "https://json-schema.org/draft/2020-12/schema";
    whole.insert("$schema".to_owned(), draft.into());
    whole.append(&mut root);
    whole.insert("$defs".to_owned(), definitions.into());
    let mut whole = Value::Object(whole);
    without_null(&mut whole);
    whole
}

/// Takes out `null`, which serde's `Option` allows and TOML does not have.
fn without_null(schema: &mut Value) {
    match schema {
        Value::Array(rows) => rows.iter_mut().for_each(without_null),
        Value::Object(table) => {
            if table.get("default").is_some_and(Value::is_null) {
                table.remove("default");
            }
            if let Some(Value::Array(types)) = table.get_mut("type") {
                types.retain(|it| it != "null");
                if let [only] = types.as_slice() {
                    let only = only.clone();
                    table.insert("type".to_owned(), only);
                }
            }
            if let Some(Value::Array(options)) = table.get_mut("anyOf") {
                options.retain(|it| it["type"] != "null");
                if let [Value::Object(only)] = options.as_slice() {
                    let only = only.clone();
                    table.remove("anyOf");
                    table.extend(only);
                }
            }
            table.values_mut().for_each(without_null);
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

/// Returns the schema of a type itself, not a reference to it.
fn table<T: JsonSchema>(generator: &mut SchemaGenerator) -> Map<String, Value> {
    T::json_schema(generator).as_object().cloned().unwrap_or_default()
}

fn many_steps(kinds: Vec<Value>) -> Value {
    json!({
        "description": "The steps, in order.",
        "type": "array",
        "items": { "type": "object", "required": ["kind"], "oneOf": kinds },
    })
}

/// Joins what is common to all steps with the fields of one kind.
fn step(kind: &Kind, common: &Map<String, Value>, generator: &mut SchemaGenerator) -> Value {
    let own = (kind.schema)(generator);
    let mut own = own.as_object().cloned().unwrap_or_default();
    let named = own.get("$ref").and_then(Value::as_str).and_then(|it| it.rsplit('/').next());
    if let Some(Value::Object(found)) =
        named.map(str::to_owned).and_then(|it| generator.definitions_mut().remove(&it))
    {
        own = found;
    }
    let mut properties = json!({ "kind": { "const": kind.name } });
    let mut required = vec![json!("kind")];
    for table in [&own, common] {
        if let (Value::Object(all), Some(Value::Object(some))) =
            (&mut properties, table.get("properties"))
        {
            all.extend(some.clone());
        }
        required
            .extend(table.get("required").and_then(Value::as_array).into_iter().flatten().cloned());
    }
    own.insert("title".to_owned(), kind.name.into());
    own.insert("type".to_owned(), "object".into());
    own.insert("properties".to_owned(), properties);
    own.insert("required".to_owned(), required.into());
    own.insert("additionalProperties".to_owned(), false.into());
    Value::Object(own)
}

fn variables() -> Value {
    json!({
        "description": "The variables: `--set NAME=VALUE` gives one a value, `{{ NAME }}` in a string stands for it.",
        "type": "object",
        "propertyNames": { "pattern": "^[A-Za-z_][A-Za-z0-9_]*$" },
        "additionalProperties": {
            "anyOf": [
                { "type": ["string", "number", "boolean"] },
                {
                    "type": "object",
                    "properties": {
                        "default": {
                            "description": "Its value where none is given.",
                            "type": ["string", "number", "boolean"],
                        },
                        "help": { "description": "What it is for.", "type": "string" },
                    },
                    "additionalProperties": false,
                },
            ],
        },
    })
}

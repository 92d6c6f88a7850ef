//! What is not fitted, and why.

use std::ops::ControlFlow::Continue;

use boost::{Error, Model, Settings, Validation};

use crate::{fitted, still, table};

fn refused(columns: &[Vec<f64>], targets: &[f64], weights: Option<&[f64]>) -> String {
    let settings = Settings::default();
    let model = boost::fit(columns, targets, weights, None, &settings, 0, |_| {
        Continue(())
    });
    model.expect_err("a refusal").to_string()
}

#[test]
fn tables_that_cannot_be_fitted_are_refused() {
    let empty = "a table needs rows and columns, found 0 rows and 1 columns";
    assert_eq!(refused(&[vec![]], &[], None), empty);
    let none = "a table needs rows and columns, found 1 rows and 0 columns";
    assert_eq!(refused(&[], &[1.0], None), none);
    let short = "a column must have 2 rows, found 1";
    assert_eq!(refused(&[vec![1.0]], &[1.0, 2.0], None), short);
    let target = "a target must be finite, found NaN in row 1";
    assert_eq!(refused(&[vec![1.0, 2.0]], &[1.0, f64::NAN], None), target);
}

#[test]
fn weights_that_no_row_can_have_are_refused() {
    let columns = [vec![1.0, 2.0]];
    let of = |weights: &[f64]| refused(&columns, &[1.0, 2.0], Some(weights));
    assert_eq!(of(&[1.0]), "the weights must have 2 rows, found 1");
    let negative = "a weight must be finite and at least 0, found -1 in row 1";
    assert_eq!(of(&[1.0, -1.0]), negative);
    assert_eq!(of(&[0.0, 0.0]), "the weights must have a positive sum");
}

#[test]
fn tables_of_another_width_are_refused() {
    let (columns, targets) = table(20, 0);
    let model = fitted(&columns, &targets, &still(3), 0);
    let error = model.predict(&columns[..2]).unwrap_err();
    assert_eq!(error.to_string(), "the table must have 3 columns, found 2");
    let validation = Some(Validation {
        columns: &columns[..1],
        targets: &targets,
    });
    let error = boost::fit(&columns, &targets, None, validation, &still(3), 0, |_| {
        Continue(())
    });
    assert!(matches!(error, Err(Error::Columns { .. })));
}

#[test]
fn a_model_whose_parts_do_not_fit_is_refused() {
    let (columns, targets) = table(20, 0);
    let model = fitted(&columns, &targets, &still(2), 0);
    let mut json = serde_json::to_value(&model).unwrap();
    json["trees"][1]["values"][0] = serde_json::Value::Null;
    assert!(serde_json::from_value::<Model>(json.clone()).is_err());
    json["trees"][1]["values"] = serde_json::json!([1.0]);
    let error = serde_json::from_value::<Model>(json).unwrap_err();
    let expected = "tree 1 of the model does not fit its borders or its depth";
    assert_eq!(error.to_string(), expected);
}

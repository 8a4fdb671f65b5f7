module github.com/ponshealth/pons

go 1.26

require (
	github.com/alecthomas/kong v1.17.0 // indirect
	go.yaml.in/yaml/v3 v3.0.6 // indirect
)
